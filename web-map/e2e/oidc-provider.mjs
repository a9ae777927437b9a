// A certified OpenID provider with one client and two users, for the walk through its own sign-in form:
//   node oidc-provider.mjs FILE-WITH-THE-CLIENT'S-SECRET
import console from 'node:console';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import process from 'node:process';
import { Provider } from 'oidc-provider';

const [secretFile] = process.argv.slice(2);
const users = new Map([
  ['li.ming', { preferred_username: 'li.ming', name: '安亭' }],
  ['wang.wu', { preferred_username: 'wang.wu', name: '王五' }],
]);

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  // Another site than 127.0.0.1, as a provider is: cookies that do not cross sites do not cross here either.
  const issuer = `http://localhost:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'mutu',
        client_secret: readFileSync(secretFile, 'utf8').trim(),
        // The server under test takes a free port, which the provider of a native client does not look at.
        application_type: 'native',
        redirect_uris: ['http://127.0.0.1/sign-in/oidc/callback'],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username', 'name'] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    pkce: { required: () => true },
    findAccount: (_context, id) =>
      users.has(id) ? { accountId: id, claims: () => ({ sub: id, ...users.get(id) }) } : undefined,
  });
  provider.on('server_error', (_context, error) => console.error(error));
  server.on('request', provider.callback());
  console.log(`OpenID provider at ${issuer}`);
});
