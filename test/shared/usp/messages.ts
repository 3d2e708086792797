/** Any message of the schema, built and looked at through the descriptors of @bufbuild/protobuf. */
import { create, ScalarType, type DescField, type DescMessage, type Message } from '@bufbuild/protobuf'
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect'
import fc from 'fast-check'

const text = fc.string({ unit: 'grapheme', maxLength: 60 })
const uint32 = fc.integer({ min: 0, max: 0xffffffff })

/** Random messages with random fields present; a oneof has at most one member. */
export function anyMessage(desc: DescMessage): fc.Arbitrary<Message> {
  const members = desc.members.map((member): fc.Arbitrary<[string, unknown]> => {
    if (member.kind === 'field') return anyValue(member).map((value) => [member.localName, value])
    const cases = member.fields.map((field) =>
      anyValue(field).map((value): [string, unknown] => [member.localName, { case: field.localName, value }]),
    )
    return fc.oneof(...cases)
  })
  return fc
    .tuple(...members.map((member) => fc.option(member, { nil: undefined, freq: 3 })))
    .map((chosen) => create(desc, Object.fromEntries(chosen.filter((entry) => entry !== undefined))))
}

function anyValue(field: DescField): fc.Arbitrary<unknown> {
  switch (field.fieldKind) {
    case 'message':
      return anyMessage(field.message)
    case 'enum':
      return fc.constantFrom(...field.enum.values.map((value) => value.number))
    case 'map':
      return fc.dictionary(text, text, { maxKeys: 3 })
    case 'list':
      return fc.array(field.message ? anyMessage(field.message) : anyScalar(field.scalar), { maxLength: 3 })
    case 'scalar':
      return anyScalar(field.scalar)
  }
}

function anyScalar(type: ScalarType | undefined): fc.Arbitrary<unknown> {
  if (type === ScalarType.STRING) return text
  if (type === ScalarType.BOOL) return fc.boolean()
  if (type === ScalarType.FIXED32) return uint32
  if (type === ScalarType.UINT64) return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
  if (type === ScalarType.BYTES) return fc.uint8Array({ maxLength: 20 })
  throw new Error(`USP has no scalar type ${type}`)
}

/** What a message says: one line a value, `proto field name: value`, in any order; of bytes and messages the name. */
export function spokenValues(desc: DescMessage, message: Message): string[] {
  return spoken(reflect(desc, message))
}

function spoken(message: ReflectMessage): string[] {
  return message.fields.flatMap((field) => {
    if (!message.isSet(field)) return []
    const isBytes = 'scalar' in field && field.scalar === ScalarType.BYTES
    const one = (value: unknown) => (isBytes ? field.name : `${field.name}: ${String(value)}`)
    switch (field.fieldKind) {
      case 'message':
        return [field.name, ...spoken(message.get(field))]
      case 'enum':
        return [one(field.enum.value[message.get(field) as number]?.name)]
      case 'map':
        return [...message.get(field)].map(([key, value]) => one(`${String(key)} = ${String(value)}`))
      case 'list':
        return [...message.get(field)].flatMap((value) =>
          field.listKind === 'message' ? [field.name, ...spoken(value as ReflectMessage)] : [one(value)],
        )
      case 'scalar':
        return [one(message.get(field))]
    }
  })
}
