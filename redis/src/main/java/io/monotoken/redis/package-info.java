/**
 * Lets the instances of a service share their tokens through Redis; nothing of Spring.
 *
 * <p>{@link io.monotoken.redis.RedisTokenStore} needs two scripts, with one key each, so that it works on one server, through
 * Sentinel and on a Cluster. What lies in Redis, under a key that begins with {@code monotoken:}:
 *
 * <ul>
 *   <li>{@code tag}: random characters that each change replaces
 *   <li>{@code value}: the record, encrypted with keys that only the instances have
 * </ul>
 *
 * <p>Each such hash expires by itself. The channel {@code monotoken:changes} carries the key and the tag of what was changed.
 *
 * <table>
 * <caption>Commands</caption>
 * <tr><th>operation</th><th>sent</th><th>run by the script</th></tr>
 * <tr><td>read</td><td>{@code EVALSHA}</td><td>{@code HMGET TIME}</td></tr>
 * <tr><td>replace</td><td>{@code EVALSHA}; {@code WAIT} if replicas must confirm</td>
 *     <td>{@code HMGET HSET PEXPIRE PUBLISH}</td></tr>
 * <tr><td>changes</td><td>{@code SUBSCRIBE}, again every 30 s</td><td></td></tr>
 * </table>
 *
 * <p>A server that does not know a script gets its text with {@code EVAL}. A user who may do this and nothing else:
 *
 * <pre>
 * ACL SETUSER monotoken on &gt;secret resetchannels ~monotoken:* &amp;monotoken:*
 *     +evalsha +eval +hmget +hset +time +pexpire +publish +subscribe
 * </pre>
 *
 * <p>To which come {@code +wait} for {@link io.monotoken.redis.RedisTokenStore.Builder#minReplicas}, {@code +select} for a
 * database other than 0, and {@code +cluster|nodes} for a Cluster.
 */
@NullMarked
package io.monotoken.redis;

import org.jspecify.annotations.NullMarked;
