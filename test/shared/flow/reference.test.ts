import { describe, expect, test } from 'vitest'
import {
  actExamples,
  actStep,
  FIRST_FLOW,
  flowWith,
  matcherExamples,
  matcherStep,
  stepExamples,
} from '../../../shared/flow/format/examples.ts'
import { stepTables } from '../../../shared/flow/format/keys.ts'
import { parseFlow } from '../../../shared/flow/format/parse.ts'
import { reference, referenceText } from '../../../shared/flow/format/reference.ts'
import { innerSteps, type ActName, type Step } from '../../../shared/flow/model.ts'

const file = new URL('../../../resources/flows/README.md', import.meta.url)
const parsed = (text: string) => {
  const { flow, problems } = parseFlow(text)
  expect(problems).toEqual([])
  return flow?.steps ?? []
}
const kindsIn = (steps: readonly Step[]): string[] =>
  steps.flatMap((step) => [step.kind, ...innerSteps(step).flatMap(([, inner]) => kindsIn(inner))])

// `npx vitest run test/shared/flow/reference.test.ts -u` writes the file anew.
test('the reference that is shipped is that of the tables', async () => {
  await expect(referenceText()).toMatchFileSnapshot(file.pathname)
})

test('every key of every step is in it', () => {
  const text = referenceText()
  for (const keys of stepTables.values())
    for (const [name, { about }] of keys)
      expect(text).toContain(`| \`${name}\` | ${about.replaceAll('|', '\\|')}`)
})

describe('each example can be run', () => {
  test('the first flow', () => expect(parsed(FIRST_FLOW)).not.toEqual([]))

  test.each(Object.entries(stepExamples))('step %s', (kind, steps) => {
    expect(kindsIn(parsed(flowWith(steps)))).toContain(kind)
  })

  test.each(Object.entries(matcherExamples))('matcher %s', (name, matcher) => {
    expect(matcher).toContain(name)
    const [step] = parsed(flowWith(matcherStep(matcher)))
    expect(JSON.stringify(step)).toContain(name)
  })

  test.each(Object.entries(actExamples))('act %s', (name, given) => {
    expect(parsed(flowWith(actStep(name as ActName, given)))).toMatchObject([{ kind: 'act', act: name }])
  })

  test.each(
    reference.flatMap(({ topics }) =>
      topics.flatMap(({ title, example = '' }) => (example.startsWith('- ') ? [[title, example]] : [])),
    ),
  )('as it stands below %s', (_title, example) => {
    expect(parsed(flowWith(example))).not.toEqual([])
  })
})
