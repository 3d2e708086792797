import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ScalarType, type DescEnum, type DescField, type DescMessage } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { enumTable, messageTable } from '../../../shared/usp/fields.ts'
import { file_usp_msg } from '../../../shared/usp/gen/usp-msg_pb.ts'
import { file_usp_record } from '../../../shared/usp/gen/usp-record_pb.ts'
import { messageSpecs } from '../../../shared/usp/schema.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const uspFolder = join(root, 'shared/usp')

test('the generated files are what the generator makes of usp-fields.csv', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oktobench-usp-'))
  try {
    execFileSync(process.execPath, [join(root, 'scripts/generate-usp.mjs'), folder])
    for (const file of [
      'fields.ts',
      'proto/usp-record.proto',
      'proto/usp-msg.proto',
      'gen/usp-record_pb.ts',
      'gen/usp-msg_pb.ts',
    ]) {
      expect(readFileSync(join(uspFolder, file), 'utf8'), file).toBe(readFileSync(join(folder, file), 'utf8'))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 30_000)

/** The descriptors, told as rows of the CSV. */
function describedRows(): string[] {
  const rows: string[] = []
  const addEnum = (desc: DescEnum) => {
    rows.push(`${desc.typeName},,,enum,`)
    for (const value of desc.values) rows.push(`${desc.typeName},${value.name},${value.number},enum,`)
  }
  const addMessage = (desc: DescMessage) => {
    rows.push(`${desc.typeName},,,message,`)
    for (const field of desc.fields) {
      rows.push(`${desc.typeName},${field.name},${field.number},${typeOf(field)},${labelOf(field)}`)
    }
    desc.nestedEnums.forEach(addEnum)
    desc.nestedMessages.forEach(addMessage)
  }
  for (const file of [file_usp_record, file_usp_msg]) {
    file.enums.forEach(addEnum)
    file.messages.forEach(addMessage)
  }
  return rows
}

const scalarName = (type: ScalarType) => ScalarType[type].toLowerCase()

function typeOf(field: DescField): string {
  if (field.fieldKind === 'map') return '"map<string,string>"'
  if (field.message) return field.message.typeName
  if (field.enum) return field.enum.typeName
  return field.scalar === undefined ? '?' : scalarName(field.scalar)
}

function labelOf(field: DescField): string {
  if (field.fieldKind === 'map') return 'map'
  if (field.fieldKind === 'list') return 'repeated'
  return field.oneof ? `oneof:${field.oneof.name}` : 'optional'
}

const csvRows = readFileSync(join(uspFolder, 'usp-fields.csv'), 'utf8').trim().split(/\r?\n/).slice(1)

test('the descriptors of the generated code say what the CSV says', () => {
  const withoutSince = csvRows.map((row) => row.slice(0, row.lastIndexOf(',')))
  expect(describedRows().sort()).toEqual(withoutSince.sort())
})

test('the table of the walker says what the CSV says', () => {
  const rows = [
    ...Object.entries(messageTable).flatMap(([owner, fields]) => [
      `${owner},,,message`,
      ...fields.map(([number, name, type, label, since]) =>
        [owner, name, number, type.includes(',') ? `"${type}"` : type, label, since].join(),
      ),
    ]),
    ...Object.entries(enumTable).flatMap(([owner, members]) => [
      `${owner},,,enum`,
      ...members.map(([number, name, since]) => [owner, name, number, 'enum', '', since].join()),
    ]),
  ]
  const declarations = /^([^,]+),,,(message|enum),,[\d.]+$/
  expect(rows.sort()).toEqual(csvRows.map((row) => row.replace(declarations, '$1,,,$2')).sort())
})

test('the walker may rely on it: no recursion, numbers below 32, one oneof a message', () => {
  const depthOf = (message: string, above: readonly string[]): number => {
    expect(above).not.toContain(message)
    const fields = [...(messageSpecs.get(message)?.values() ?? [])]
    expect(new Set(fields.flatMap(({ oneof }) => (oneof === undefined ? [] : [oneof]))).size).toBeLessThan(2)
    for (const { number } of fields) expect(number).toBeLessThan(32)
    const nested = fields.filter(({ kind }) => kind === 'message')
    return 1 + Math.max(0, ...nested.map(({ type }) => depthOf(type, [...above, message])))
  }
  expect(depthOf('usp_record.Record', [])).toBe(2)
  expect(depthOf('usp.Msg', [])).toBe(9)
})
