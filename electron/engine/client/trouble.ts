/** Why no line to a broker came about, or why it ended, in words that say what to do. */
import { errorCode } from '../workspace/files.ts'

const authority =
  'The certificate of the broker is signed by an authority that this profile does not trust: choose its authority under TLS'
const plain = 'What listens there does not speak TLS: choose TCP or WebSocket, or the TLS port of the broker'
const refused = 'The broker refuses the certificate of this client'

/** By the codes of Node, libuv and OpenSSL; `at` is the address. */
const rows: Readonly<Record<string, (at: string) => string>> = {
  ECONNREFUSED: (at) => `Nothing listens at ${at}: check address and port, and whether the broker runs`,
  ENOTFOUND: (at) => `The name in ${at} is not known: check its spelling, or give the IP address`,
  EAI_AGAIN: (at) =>
    `The name in ${at} cannot be looked up now: is there a name server? Or give the IP address`,
  EHOSTUNREACH: (at) => `${at} cannot be reached: is the machine on, and in this network?`,
  ENETUNREACH: (at) => `There is no way to ${at}: is this machine in that network?`,
  ETIMEDOUT: (at) => `Nothing answers at ${at}: check the address, and whether a firewall drops the packets`,
  ECONNRESET: (at) =>
    `${at} closed the connection at once: the port perhaps expects TLS, or other credentials`,
  EPIPE: (at) => `${at} closed the connection`,
  EACCES: (at) => `The system forbids a connection to ${at}`,
  DEPTH_ZERO_SELF_SIGNED_CERT: () =>
    'The certificate of the broker is signed by itself alone: give it as the authority under TLS',
  SELF_SIGNED_CERT_IN_CHAIN: () => authority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: () => authority,
  UNABLE_TO_GET_ISSUER_CERT: () => authority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: () => authority,
  CERT_SIGNATURE_FAILURE: () => authority,
  CERT_HAS_EXPIRED: () =>
    'The certificate of the broker has expired: renew it, or set the clock of this machine',
  CERT_NOT_YET_VALID: () => 'The certificate of the broker is not good yet: set the clocks',
  ERR_TLS_CERT_ALTNAME_INVALID: (at) =>
    `The certificate of the broker is for another name than that in ${at}: give the name in it as server name under TLS`,
  ERR_SSL_WRONG_VERSION_NUMBER: () => plain,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: () => plain,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: () =>
    'The broker asks for a client certificate: choose one under TLS',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: () =>
    'The broker and this client agree on no TLS, or it wants a client certificate: see under TLS',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: () => `${refused}: it does not know its authority`,
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: () => refused,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: () => refused,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: () => refused,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: () => `${refused}: it has expired`,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: () => `${refused}: it was revoked`,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: () => 'The broker and this client have no TLS version in common',
  ERR_SSL_UNSUPPORTED_PROTOCOL: () => 'The broker and this client have no TLS version in common',
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: () => 'The key under TLS does not belong to the certificate beside it',
  ERR_OSSL_PEM_NO_START_LINE: () => 'A certificate or key under TLS is no PEM: it begins with -----BEGIN',
  ERR_OSSL_BAD_DECRYPT: () => 'The passphrase of the key under TLS is wrong',
  ERR_OSSL_EVP_BAD_DECRYPT: () => 'The passphrase of the key under TLS is wrong',
  ERR_OSSL_PEM_BAD_PASSWORD_READ: () => 'The key under TLS needs its passphrase',
  ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED: () => 'The key under TLS needs its passphrase',
}

/** One sentence or two, with the words of the system where there are none of our own. */
export function troubleText(error: Error, at: string): string {
  const code = errorCode(error) ?? ''
  const row = rows[code]
  if (row) return `${row(at)}.`
  const status = /^Unexpected server response: (\d+)/.exec(error.message)?.[1]
  if (status !== undefined) {
    const path = status === '404' ? ': the path is perhaps another one, such as /mqtt' : ''
    return `${at} answers with HTTP ${status} instead of a WebSocket${path}.`
  }
  if (/sent no subprotocol|invalid subprotocol/i.test(error.message))
    return `${at} is a WebSocket, but not one for MQTT [MQTT-6.0.0-3].`
  return `The connection to ${at} failed: ${error.message.replace(/\.$/, '')}.`
}
