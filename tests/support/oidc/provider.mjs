// A certified provider of OpenID Connect, for tests: `node provider.mjs PORT`.
// Each line of standard input is a JSON object that changes it: accounts (claims by login),
// redirect_uris, or keys (the id of a new signing key). It prints a line when that is done.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { Provider } from 'oidc-provider'

const port = Number(process.argv[2])
const issuer = `http://127.0.0.1:${port}`
const state = { accounts: {}, redirect_uris: [`${issuer}/unset`], keys: 'first' }
let jwks
let keyId
let callback

function rebuild() {
  if (keyId !== state.keys) {
    keyId = state.keys
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwk = privateKey.export({ format: 'jwk' })
    jwks = { keys: [{ ...jwk, kid: keyId.replace(/ again$/, ''), use: 'sig', alg: 'RS256' }] }
  }
  const provider = new Provider(issuer, {
    jwks,
    clients: [
      {
        client_id: 'weft',
        client_secret: 'a secret of the tests',
        redirect_uris: state.redirect_uris,
      },
    ],
    cookies: { keys: ['tests'] },
    claims: {
      openid: ['sub'],
      profile: ['name', 'preferred_username', 'groups', 'realm_access'],
      email: ['email', 'email_verified'],
    },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...state.accounts[id] }) }),
    // Nobody is asked for consent.
    loadExistingGrant: async (ctx) => {
      const { client, session, params } = ctx.oidc
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
      grant.addOIDCScope(params.scope)
      await grant.save()
      return grant
    },
  })
  callback = provider.callback()
}

rebuild()
createServer((request, response) => callback(request, response)).listen(port, '127.0.0.1', () => {
  console.log('ready')
})
createInterface({ input: process.stdin }).on('line', (line) => {
  Object.assign(state, JSON.parse(line))
  rebuild()
  console.log('ready')
})
process.stdin.on('end', () => process.exit(0))
