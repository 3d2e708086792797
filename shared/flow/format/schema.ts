/** The format as JSON Schema, for editors that complete and check YAML by it. Made from the tables alone. */
import { enumTable, messageTable } from '../../usp/fields.ts'
import type { JsonMap } from '../json.ts'
import { bodyKinds, fieldsOf, isSetting, mainFields, type MessageField } from '../messages.ts'
import { operators, WORDS, type OperandForm } from '../matchers.ts'
import { valueTypes } from '../value-types.ts'
import { flowShape, stepShape } from './keys.ts'

type Mode = 'send' | 'expect'

const TEMPLATE: JsonMap = { type: 'string', pattern: '\\$\\{' }
const ref = (name: string): JsonMap => ({ $ref: `#/$defs/${name}` })
const anyOf = (...schemas: readonly JsonMap[]): JsonMap => ({ anyOf: schemas })
const SCALAR: JsonMap = { type: ['string', 'number', 'boolean'] }

/** As shipped in resources/flow.schema.json. */
export function flowSchema(): JsonMap {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Oktobench flow',
    ...flowShape.schema(),
    $defs: {
      step: stepShape.schema(),
      matcher: matcherSchema(),
      send: bodySchema('send'),
      expect: bodySchema('expect'),
      ...messages('send'),
      ...messages('expect'),
    },
  }
}

/** The schema as a file: a line for each definition, so that a change of the format is a small difference. */
export function flowSchemaText(): string {
  const { $defs, ...rest } = flowSchema()
  const lines = (map: JsonMap, indent: string): string =>
    Object.entries(map)
      .map(([name, value]) => `${indent}${JSON.stringify(name)}: ${JSON.stringify(value)}`)
      .join(',\n')
  return `{\n${lines(rest, '  ')},\n  "$defs": {\n${lines($defs as JsonMap, '    ')}\n  }\n}\n`
}

const operands: Readonly<Record<OperandForm, JsonMap>> = {
  value: {},
  text: { type: 'string' },
  number: { type: ['number', 'string'] },
  pattern: { type: 'string' },
  type: anyOf({ enum: Object.keys(valueTypes) }, TEMPLATE),
  set: { type: ['array', 'string'] },
  list: { type: 'array' },
  expression: { type: 'string' },
  name: { type: 'string' },
  matcher: ref('matcher'),
}

function matcherSchema(): JsonMap {
  const rows = Object.entries(operators).map(([name, { form, about }]) => [
    name,
    { ...operands[form], description: about },
  ])
  const words = Object.entries(WORDS).map(([word, about]) => ({ const: word, description: about }))
  return anyOf(
    ...words,
    { type: 'object', properties: Object.fromEntries(rows), patternProperties: { '^\\$[a-z]': {} } },
    { type: ['array', 'string', 'number', 'boolean', 'null'] },
  )
}

function bodySchema(mode: Mode): JsonMap {
  const rows = bodyKinds.map(({ name, type }) => {
    const whole = ref(`${mode}.${type}`)
    const main = mainFields[name]
    return [
      name,
      main === undefined
        ? whole
        : anyOf({ type: 'string' }, { type: 'array', items: { type: 'string' } }, whole),
    ]
  })
  const params =
    mode === 'expect'
      ? { params: { ...ref('matcher'), description: 'parameters of a GetResp by full path' } }
      : {}
  return {
    type: 'object',
    properties: { ...Object.fromEntries(rows), ...params },
    additionalProperties: false,
    minProperties: 1,
  }
}

function messages(mode: Mode): JsonMap {
  const names = Object.keys(messageTable).filter((name) => name.startsWith('usp.'))
  return Object.fromEntries(names.map((name) => [`${mode}.${name}`, messageSchema(name, mode)]))
}

/** In an expectation a matcher may stand wherever a value does. */
function messageSchema(message: string, mode: Mode): JsonMap {
  const rows = fieldsOf(message).map((field) => [field.name, fieldSchema(field, mode)])
  const properties = Object.fromEntries(rows) as JsonMap
  if (mode === 'send')
    return anyOf({ type: 'object', properties, additionalProperties: false }, { type: 'null' }, TEMPLATE)
  return anyOf(
    { type: 'object', properties, patternProperties: { '^\\$': {} }, additionalProperties: false },
    { type: ['string', 'null'] },
  )
}

function fieldSchema(field: MessageField, mode: Mode): JsonMap {
  const one = oneSchema(field, mode)
  const matched = mode === 'expect' ? [ref('matcher')] : []
  const short =
    mode === 'send' && isSetting(field.type) ? [{ type: 'object', additionalProperties: SCALAR }] : []
  return field.repeated
    ? anyOf({ type: 'array', items: one }, one, TEMPLATE, ...short, ...matched)
    : anyOf(one, TEMPLATE, ...matched)
}

function oneSchema({ kind, type }: MessageField, mode: Mode): JsonMap {
  switch (kind) {
    case 'message':
      return ref(`${mode}.${type}`)
    case 'enum':
      return { enum: (enumTable[type] ?? []).map(([, name]) => name) }
    case 'map':
      return { type: 'object', additionalProperties: mode === 'send' ? SCALAR : {} }
    case 'bool':
      return { type: 'boolean' }
    case 'number':
      return { type: ['integer', 'string'] }
    default:
      return SCALAR
  }
}
