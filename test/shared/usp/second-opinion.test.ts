/** The codec beside protobufjs, an implementation of its own, which reads the same .proto files. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fromBinary, toBinary, toJson, type DescMessage } from '@bufbuild/protobuf'
import fc from 'fast-check'
import protobufjs from 'protobufjs'
import { expect, test } from 'vitest'
import { file_usp_msg } from '../../../shared/usp/gen/usp-msg_pb.ts'
import { file_usp_record } from '../../../shared/usp/gen/usp-record_pb.ts'
import { anyMessage } from './messages.ts'

const root = new protobufjs.Root()
for (const name of ['usp-msg', 'usp-record']) {
  const path = fileURLToPath(new URL(`../../../shared/usp/proto/${name}.proto`, import.meta.url))
  protobufjs.parse(readFileSync(path, 'utf8'), root)
}

const withNested = (desc: DescMessage): DescMessage[] => [desc, ...desc.nestedMessages.flatMap(withNested)]
const all = [...file_usp_msg.messages, ...file_usp_record.messages].flatMap(withNested)

/** A field of a later version: number 100, length-delimited, `abc`. */
const unknown = Uint8Array.of(0xa2, 0x06, 3, 0x61, 0x62, 0x63)

test.each(all.map((desc) => [desc.typeName, desc] as const))('%s', (name, desc) => {
  const other = root.lookupType(name)
  fc.assert(
    fc.property(anyMessage(desc), (message) => {
      const bytes = toBinary(desc, message)
      const theirs = other.decode(bytes)
      expect(theirs.toJSON()).toEqual(toJson(desc, message))
      // Maps may come in another order, so the bytes are compared by what they say.
      expect(fromBinary(desc, Uint8Array.from(other.encode(theirs).finish()))).toEqual(message)
      const newer = Uint8Array.of(...bytes, ...unknown)
      expect(toBinary(desc, fromBinary(desc, newer))).toEqual(newer)
    }),
    { numRuns: 15 },
  )
})
