/**
 * Flows as older versions of the bench wrote them, each beside what it says. They must be read like that for ever:
 * never change a sample, add others.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { editFlow, formatFlow } from '../../../shared/flow/format/format.ts'
import { parseFlow } from '../../../shared/flow/format/parse.ts'

const root = fileURLToPath(new URL('../../fixtures/flows', import.meta.url))
const samples = readdirSync(root).flatMap((version) =>
  readdirSync(join(root, version))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(version, name.replace(/\.yaml$/, ''))),
)

test('there are samples of version 1', () => {
  expect(samples.filter((name) => name.startsWith('v1')).length).toBeGreaterThanOrEqual(5)
})

test.each(samples)('%s', (name) => {
  const text = readFileSync(join(root, `${name}.yaml`), 'utf8')
  const { flow, problems } = parseFlow(text)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(flow).toEqual(JSON.parse(readFileSync(join(root, `${name}.json`), 'utf8')))
  if (flow === undefined) return
  // Written anew, and edited, it says the same.
  expect(parseFlow(formatFlow(flow)).flow).toEqual(flow)
  expect(parseFlow(editFlow(text, flow)).flow).toEqual(flow)
})
