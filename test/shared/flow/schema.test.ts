import { expect, test } from 'vitest'
import { stepKinds } from '../../../shared/flow/format/keys.ts'
import { flowSchema, flowSchemaText } from '../../../shared/flow/format/schema.ts'

const file = new URL('../../../resources/flow.schema.json', import.meta.url)

// `npx vitest run test/shared/flow/schema.test.ts -u` writes the file anew.
test('the schema shipped for editors is that of the tables', async () => {
  expect(JSON.parse(flowSchemaText())).toEqual(flowSchema())
  await expect(flowSchemaText()).toMatchFileSnapshot(file.pathname)
})

test('every reference in it has a definition, and every kind of step is in it', () => {
  const { $defs } = flowSchema() as { $defs: Record<string, { anyOf?: { required?: string[] }[] }> }
  const references = [...flowSchemaText().matchAll(/"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name as string)
  expect(references.length).toBeGreaterThan(50)
  expect(references.filter((name) => $defs[name] === undefined)).toEqual([])
  expect(new Set($defs['step']?.anyOf?.flatMap(({ required }) => required ?? []))).toEqual(
    new Set([...Object.keys(stepKinds), 'steps', 'in', 'for']),
  )
})
