/*
 * oidc-provider with a few clients, for the tests of this module.
 *
 * Reads one line of JSON on its input: {authority, certificate, key, selfSigned}, all PEM. Writes one line of JSON on its output:
 * {issuer, mtls, anyCertificate, keys, other}, where `keys` has a private JSON Web Key for each algorithm, and `other` one more that no client has. Ends with
 * its input, so that it never outlives the test that started it.
 */
import { X509Certificate } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { createInterface } from 'node:readline';
import { exportJWK, generateKeyPair, importJWK, jwtVerify } from 'jose';
import Provider, { errors } from 'oidc-provider';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const WORKFORCE = 'https://workforce.example';
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'];

const input = createInterface({ input: process.stdin });
input.on('close', () => process.exit(0));
const { authority, certificate, key, selfSigned } = JSON.parse((await input[Symbol.asyncIterator]().next()).value);

async function jwk(alg, kid) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { ...await exportJWK(privateKey), kid, alg, use: 'sig' };
}

function published({ d, p, q, dp, dq, qi, ...open }) {
  return open;
}

const keys = Object.fromEntries(await Promise.all(ALGORITHMS.map(async (alg) => [alg, await jwk(alg, alg)])));
const jwks = { keys: Object.values(keys).map(published) };

/** The port is in the issuer, so the sockets come first. */
let handlers = {};
const tls = { cert: certificate, key, requestCert: true, rejectUnauthorized: false };
const servers = {
  plain: http.createServer((request, response) => handlers.plain(request, response)),
  mtls: https.createServer({ ...tls, ca: authority }, (request, response) => handlers.mtls(request, response)),
  // names no authority in the handshake; to one that does, clients show no certificate of another issuer
  anyCertificate: https.createServer(tls, (request, response) => handlers.mtls(request, response)),
};
const ports = await Promise.all(Object.values(servers).map((server) => new Promise((resolve) => {
  server.listen(0, '127.0.0.1', () => resolve(server.address().port));
})));
const issuer = `http://127.0.0.1:${ports[0]}`;
const [, mtls, anyCertificate] = ports.map((port) => `https://127.0.0.1:${port}`);

function client(client_id, token_endpoint_auth_method, more) {
  return {
    client_id,
    token_endpoint_auth_method,
    grant_types: ['client_credentials', GRANT, 'refresh_token'],
    redirect_uris: [],
    response_types: [],
    scope: 'openid offline_access',
    ...more,
  };
}

const configuration = {
  clients: [
    client('signs', 'private_key_jwt', { jwks }),
    client('signs-with-secret', 'client_secret_jwt', { client_secret: 'a-secret-of-at-least-32-characters' }),
    client('has-certificate', 'tls_client_auth', {
      tls_client_auth_subject_dn: 'CN=has-certificate',
      tls_client_certificate_bound_access_tokens: true,
    }),
    client('has-own-certificate', 'self_signed_tls_client_auth', {
      tls_client_certificate_bound_access_tokens: true,
      jwks: { keys: [{
        ...new X509Certificate(selfSigned).publicKey.export({ format: 'jwk' }),
        kid: 'self-signed',
        x5c: [new X509Certificate(selfSigned).raw.toString('base64')],
      }] },
    }),
  ],
  clientAuthMethods: [
    'private_key_jwt', 'client_secret_jwt', 'tls_client_auth', 'self_signed_tls_client_auth',
  ],
  enabledJWA: { clientAuthSigningAlgValues: [...ALGORITHMS, 'HS256'] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      selfSignedTlsClientAuth: true,
      tlsClientAuth: true,
      getCertificate: ({ req }) => req.socket.getPeerX509Certificate?.(),
      certificateAuthorized: ({ req }) => req.socket.authorized,
      certificateSubjectMatches: ({ req }, property, expected) =>
        property === 'tls_client_auth_subject_dn' && req.socket.getPeerX509Certificate().subject === expected,
    },
  },
  findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  jwks: { keys: [await jwk('RS256', 'server')] },
  cookies: { keys: ['of no meaning here'] },
  ttl: { AccessToken: 300, ClientCredentials: 300, Grant: 3600, RefreshToken: 3600 },
};
const provider = new Provider(issuer, configuration);

/** RFC 7523, section 2.1, which oidc-provider leaves to its users. Verified by jose; the user may be anybody. */
const seen = new Set();
provider.registerGrantType(GRANT, async (ctx) => {
  const { client, params } = ctx.oidc;
  let payload;
  try {
    ({ payload } = await jwtVerify(
      params.assertion,
      ({ kid }) => importJWK(published(keys[kid])),
      { issuer: WORKFORCE, audience: issuer, typ: 'JWT', requiredClaims: ['sub', 'exp', 'iat', 'jti'], clockTolerance: 15 },
    ));
  } catch (cause) {
    throw new errors.InvalidGrant('assertion', { cause });
  }
  if (seen.size === seen.add(payload.jti).size) {
    throw new errors.InvalidGrant('the assertion was used before');
  }
  const cert = client.tlsClientCertificateBoundAccessTokens ? ctx.req.socket.getPeerX509Certificate() : undefined;
  const grant = new provider.Grant({ accountId: payload.sub, clientId: client.clientId });
  grant.addOIDCScope('openid offline_access');
  const grantId = await grant.save();
  const about = { accountId: payload.sub, client, grantId, gty: GRANT, scope: 'openid offline_access' };
  const access = new provider.AccessToken(about);
  const refresh = new provider.RefreshToken(about);
  if (cert) {
    access.setThumbprint('x5t', cert);
    refresh.setThumbprint('x5t', cert);
  }
  ctx.oidc.entity('AccessToken', access);
  ctx.body = {
    access_token: await access.save(),
    token_type: access.tokenType,
    expires_in: access.expiration,
    refresh_token: await refresh.save(),
    scope: access.scope,
  };
}, ['assertion', 'scope'], []);

handlers = { plain: provider.callback(), mtls: provider.callback() };
process.stdout.write(`${JSON.stringify({ issuer, mtls, anyCertificate, keys, other: await jwk('ES256', 'ES256') })}\n`);
