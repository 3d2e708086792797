/** A flow is data: whatever stands in it, it reads no file, runs no code and calls nothing outside of its folder. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { flowsToRun } from '../../../electron/cli/run-files.ts'
import { FlowStore } from '../../../electron/engine/flows/store.ts'
import { parseFlow } from '../../../shared/flow/format/parse.ts'
import { play, stepsOf } from '../../shared/flow/bench.ts'

const inner = 'flow: 1\nname: Outside\nsteps:\n  - set: { reached: true }\n'
const caller = (name: string): string => `flow: 1\nname: Caller\nsteps:\n  - call: ${JSON.stringify(name)}\n`

let root: string
let flows: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'oktobench-confined-'))
  flows = join(root, 'flows')
  await mkdir(join(flows, 'lab'), { recursive: true })
  await writeFile(join(root, 'outside.yaml'), inner)
  await mkdir(join(root, 'elsewhere'))
  await writeFile(join(root, 'elsewhere', 'other.yaml'), inner)
  await symlink(join(root, 'outside.yaml'), join(flows, 'link.yaml'))
  await symlink(join(root, 'elsewhere'), join(flows, 'folder'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const names = () => [
  '../outside',
  '../outside.yaml',
  'lab/../../outside',
  join(root, 'outside'),
  join(root, 'outside.yaml'),
  'link',
  'folder/other',
  '..\\outside',
  '__proto__',
  'constructor',
]

describe('calls', () => {
  test('in the workspace reach the flows of its folder alone', async () => {
    await writeFile(join(flows, 'lab', 'friend.yaml'), inner)
    const store = new FlowStore(flows, () => undefined)
    const callable = await store.callable('lab/caller.yaml')
    expect([...callable.keys()]).toEqual(['lab/friend', 'friend'])
    for (const name of names()) {
      const result = play(stepsOf(`- call: ${JSON.stringify(name)}`), undefined, { flows: callable }).go()
      expect([name, result.status]).toEqual([name, 'error'])
    }
  })

  test('on the command line reach the folder that was given alone', async () => {
    for (const name of names()) {
      await writeFile(join(flows, 'lab', 'caller.yaml'), caller(name))
      const [found] = await flowsToRun([join(flows, 'lab', 'caller.yaml')], [])
      expect(Object.keys(found?.calls ?? {})).toEqual(['caller'])
      const all = await flowsToRun([flows], [])
      expect(all.map(({ flow }) => flow.name)).toEqual(['Caller'])
      expect(Object.keys(all[0]?.calls ?? {}).sort()).toEqual(['caller', 'lab/caller'])
    }
  })
})

test.each([
  'name: !!js/function "function () { process.exit() }"',
  'name: !!js/regexp /x/',
  'name: !include /etc/passwd',
  'name: !env HOME',
  'name: !!python/object/apply:os.system ["id"]',
])('a tag that would do something is an error: %s', (line) => {
  const { flow, problems } = parseFlow(`flow: 1\n${line}\nsteps: []\n`)
  expect(flow).toBeUndefined()
  expect(problems[0]?.severity).toBe('error')
})

/** Ways out of other template languages. None of them has a value here, or only one that the flow made. */
test.each([
  'process.env.HOME',
  'env.HOME',
  'require("fs")',
  'import("fs")',
  'globalThis',
  'this.constructor',
  'device.constructor.constructor("return 1")()',
  'run.constructor',
  'run["__proto__"]',
  'steps.__proto__.polluted',
  'secret.constructor',
  'length.constructor',
  '(() => 1)()',
  '`${1}`',
  'a = 1',
])('%s', (expression) => {
  const { flow } = parseFlow(
    `flow: 1\nname: x\nsteps:\n  - set: { got: ${JSON.stringify(`\${${expression}}`)} }\n  - check: got == null\n`,
  )
  // Where it is an expression at all, nothing comes of it.
  if (flow === undefined) return
  const { status, variables } = play(flow).go()
  expect(['error', 'passed']).toContain(status)
  expect(variables['got'] ?? null).toBeNull()
})

test('names of variables that objects have are ordinary ones', () => {
  const flow = stepsOf(
    '- set: { __proto__: { polluted: 1 }, constructor: 2, toString: 3 }\n- check: constructor == 2 and toString == 3',
  )
  expect(play(flow).go().status).toBe('passed')
  expect(({} as { polluted?: number }).polluted).toBeUndefined()
})
