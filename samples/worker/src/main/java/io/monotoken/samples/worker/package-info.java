/** A background worker without a web server. */
@NullMarked
package io.monotoken.samples.worker;

import org.jspecify.annotations.NullMarked;
