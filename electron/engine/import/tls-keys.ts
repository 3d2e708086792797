/** Keys of a direction, and opening its records: RFC 5246 (6.2.3.3), RFC 5288, RFC 6655, RFC 7905, RFC 8446 (5.2). */
import { createDecipheriv, createHmac, type DecipherGCM } from 'node:crypto'
import type { Suite } from './tls-suites.ts'

/** A record with its header of five bytes. */
export const HEADER = 5
const IV_LENGTH = 12
const SALT_LENGTH = 4

export interface Opened {
  /** Content type, for TLS 1.3 the inner one. */
  readonly type: number
  readonly content: Uint8Array
}

export interface RecordKey {
  /** Undefined when the record is not authentic under this key and sequence number. */
  open(record: Uint8Array, sequence: number): Opened | undefined
}

export interface Keys12 {
  readonly client: RecordKey
  readonly server: RecordKey
}

/** Keys of both directions of TLS 1.2 from the master secret. */
export function keys12(
  suite: Suite,
  master: Buffer,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): Keys12 {
  const { keyLength, explicitNonce } = suite.cipher
  const ivLength = explicitNonce === 0 ? IV_LENGTH : SALT_LENGTH
  const seed = Buffer.concat([Buffer.from('key expansion'), serverRandom, clientRandom])
  const block = prf(suite.hash, master, seed, 2 * (keyLength + ivLength))
  const key = (i: number) => block.subarray(i * keyLength, (i + 1) * keyLength)
  const iv = (i: number) => block.subarray(2 * keyLength + i * ivLength, 2 * keyLength + (i + 1) * ivLength)
  return { client: recordKey12(suite, key(0), iv(0)), server: recordKey12(suite, key(1), iv(1)) }
}

/** P_hash of RFC 5246, section 5. */
function prf(hash: Suite['hash'], secret: Buffer, seed: Buffer, length: number): Buffer {
  const hmac = (data: Buffer) => createHmac(hash, secret).update(data).digest()
  const parts: Buffer[] = []
  let a = seed
  for (let size = 0; size < length;) {
    a = hmac(a)
    const part = hmac(Buffer.concat([a, seed]))
    parts.push(part)
    size += part.length
  }
  return Buffer.concat(parts).subarray(0, length)
}

function recordKey12({ cipher }: Suite, key: Buffer, iv: Buffer): RecordKey {
  const { explicitNonce, tagLength } = cipher
  return {
    open(record, sequence) {
      const length = record.length - HEADER - explicitNonce - tagLength
      if (length < 0) return undefined
      const explicit = record.subarray(HEADER, HEADER + explicitNonce)
      const nonce = explicitNonce === 0 ? xorSequence(iv, sequence) : Buffer.concat([iv, explicit])
      const aad = Buffer.alloc(13)
      aad.writeBigUInt64BE(BigInt(sequence))
      aad.set(record.subarray(0, 3), 8)
      aad.writeUInt16BE(length, 11)
      const content = decrypt(cipher, key, nonce, aad, record.subarray(HEADER + explicitNonce))
      return content && { type: record[0] as number, content }
    },
  }
}

/** A direction of TLS 1.3 under one traffic secret. */
export function recordKey13({ cipher, hash }: Suite, secret: Buffer): RecordKey {
  const key = expandLabel(hash, secret, 'key', cipher.keyLength)
  const iv = expandLabel(hash, secret, 'iv', IV_LENGTH)
  return {
    open(record, sequence) {
      if (record.length < HEADER + cipher.tagLength) return undefined
      const header = record.subarray(0, HEADER)
      const inner = decrypt(cipher, key, xorSequence(iv, sequence), header, record.subarray(HEADER))
      if (inner === undefined) return undefined
      // Zeros at the end are padding; the last other byte is the type.
      let end = inner.length
      while (end > 0 && inner[end - 1] === 0) end--
      return end === 0 ? undefined : { type: inner[end - 1] as number, content: inner.subarray(0, end - 1) }
    },
  }
}

/** The traffic secret that follows after a KeyUpdate (RFC 8446, 7.2). */
export const nextSecret = ({ hash }: Suite, secret: Buffer): Buffer =>
  expandLabel(hash, secret, 'traffic upd', secret.length)

/** HKDF-Expand-Label (RFC 8446, 7.1) for at most one block of the hash, which is all that is asked for here. */
function expandLabel(hash: Suite['hash'], secret: Buffer, label: string, length: number): Buffer {
  const name = Buffer.from(`tls13 ${label}`)
  const info = Buffer.concat([Buffer.of(length >> 8, length & 0xff, name.length), name, Buffer.of(0, 1)])
  return createHmac(hash, secret).update(info).digest().subarray(0, length)
}

/** The per-record nonce: the sequence number, padded to the left, XOR the IV. */
function xorSequence(iv: Buffer, sequence: number): Buffer {
  const nonce = Buffer.from(iv)
  nonce.writeUInt32BE((nonce.readUInt32BE(4) ^ Math.floor(sequence / 0x1_0000_0000)) >>> 0, 4)
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ (sequence % 0x1_0000_0000)) >>> 0, 8)
  return nonce
}

function decrypt(
  { name, tagLength }: Suite['cipher'],
  key: Buffer,
  nonce: Buffer,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const length = sealed.length - tagLength
  try {
    // The three kinds of ciphers differ in their types only; Node takes one set of options for all of them.
    const decipher = createDecipheriv(name as 'aes-128-gcm', key, nonce, {
      authTagLength: tagLength,
    }) as DecipherGCM
    decipher.setAuthTag(sealed.subarray(length))
    decipher.setAAD(aad, { plaintextLength: length })
    const content = decipher.update(sealed.subarray(0, length))
    decipher.final()
    return new Uint8Array(content.buffer, content.byteOffset, content.byteLength)
  } catch {
    return undefined
  }
}
