/** Cipher suites that can be read: those with authenticated encryption, of TLS 1.2 and 1.3 (RFC 5246, RFC 8446). */
import type { CipherCCMTypes, CipherChaCha20Poly1305Types, CipherGCMTypes } from 'node:crypto'

export interface Cipher {
  readonly name: CipherGCMTypes | CipherCCMTypes | CipherChaCha20Poly1305Types
  readonly keyLength: number
  readonly tagLength: number
  /** Bytes of the nonce that stand in a record of TLS 1.2. */
  readonly explicitNonce: 0 | 8
}

export interface Suite {
  readonly name: string
  readonly cipher: Cipher
  readonly hash: 'sha256' | 'sha384'
}

const aes128gcm: Cipher = { name: 'aes-128-gcm', keyLength: 16, tagLength: 16, explicitNonce: 8 }
const aes256gcm: Cipher = { name: 'aes-256-gcm', keyLength: 32, tagLength: 16, explicitNonce: 8 }
const aes128ccm: Cipher = { name: 'aes-128-ccm', keyLength: 16, tagLength: 16, explicitNonce: 8 }
const aes256ccm: Cipher = { name: 'aes-256-ccm', keyLength: 32, tagLength: 16, explicitNonce: 8 }
const aes128ccm8: Cipher = { ...aes128ccm, tagLength: 8 }
const aes256ccm8: Cipher = { ...aes256ccm, tagLength: 8 }
const chacha: Cipher = { name: 'chacha20-poly1305', keyLength: 32, tagLength: 16, explicitNonce: 0 }

type Row = readonly [id: number, name: string, cipher: Cipher]

const rows: readonly Row[] = [
  [0x1301, 'TLS_AES_128_GCM_SHA256', aes128gcm],
  [0x1302, 'TLS_AES_256_GCM_SHA384', aes256gcm],
  [0x1303, 'TLS_CHACHA20_POLY1305_SHA256', chacha],
  [0x1304, 'TLS_AES_128_CCM_SHA256', aes128ccm],
  [0x1305, 'TLS_AES_128_CCM_8_SHA256', aes128ccm8],
  [0x009c, 'TLS_RSA_WITH_AES_128_GCM_SHA256', aes128gcm],
  [0x009d, 'TLS_RSA_WITH_AES_256_GCM_SHA384', aes256gcm],
  [0x009e, 'TLS_DHE_RSA_WITH_AES_128_GCM_SHA256', aes128gcm],
  [0x009f, 'TLS_DHE_RSA_WITH_AES_256_GCM_SHA384', aes256gcm],
  [0x00a8, 'TLS_PSK_WITH_AES_128_GCM_SHA256', aes128gcm],
  [0x00a9, 'TLS_PSK_WITH_AES_256_GCM_SHA384', aes256gcm],
  [0x00aa, 'TLS_DHE_PSK_WITH_AES_128_GCM_SHA256', aes128gcm],
  [0x00ab, 'TLS_DHE_PSK_WITH_AES_256_GCM_SHA384', aes256gcm],
  [0xc02b, 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', aes128gcm],
  [0xc02c, 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', aes256gcm],
  [0xc02f, 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', aes128gcm],
  [0xc030, 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', aes256gcm],
  [0xc09c, 'TLS_RSA_WITH_AES_128_CCM', aes128ccm],
  [0xc09d, 'TLS_RSA_WITH_AES_256_CCM', aes256ccm],
  [0xc09e, 'TLS_DHE_RSA_WITH_AES_128_CCM', aes128ccm],
  [0xc09f, 'TLS_DHE_RSA_WITH_AES_256_CCM', aes256ccm],
  [0xc0a0, 'TLS_RSA_WITH_AES_128_CCM_8', aes128ccm8],
  [0xc0a1, 'TLS_RSA_WITH_AES_256_CCM_8', aes256ccm8],
  [0xc0a8, 'TLS_PSK_WITH_AES_128_CCM_8', aes128ccm8],
  [0xc0a9, 'TLS_PSK_WITH_AES_256_CCM_8', aes256ccm8],
  [0xc0ac, 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM', aes128ccm],
  [0xc0ad, 'TLS_ECDHE_ECDSA_WITH_AES_256_CCM', aes256ccm],
  [0xc0ae, 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8', aes128ccm8],
  [0xc0af, 'TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8', aes256ccm8],
  [0xcca8, 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256', chacha],
  [0xcca9, 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', chacha],
  [0xccaa, 'TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256', chacha],
  [0xccab, 'TLS_PSK_WITH_CHACHA20_POLY1305_SHA256', chacha],
  [0xccac, 'TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256', chacha],
  [0xd001, 'TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256', aes128gcm],
  [0xd002, 'TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384', aes256gcm],
]

const suites = new Map<number, Suite>(
  rows.map(([id, name, cipher]) => [
    id,
    { name, cipher, hash: name.endsWith('SHA384') ? 'sha384' : 'sha256' },
  ]),
)

export const suiteOf = (id: number): Suite | undefined => suites.get(id)
