import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LOOK_FILE, openLook } from '../../../electron/engine/workspace/look.ts'
import { MAX_LOOK, type LookState } from '../../../shared/contract/look.ts'

let folder = ''
const told: LookState[] = []
const problems: string[] = []
const file = () => join(folder, LOOK_FILE)
const open = () =>
  openLook({ folder, onChange: (state) => told.push(state), onProblem: (text) => problems.push(text) })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'oktobench-look-'))
  told.length = problems.length = 0
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the look of packets', () => {
  test('is told, kept, and there again', async () => {
    const look = await open()
    await look.handlers['look.setFilters']({ savedFilters: [{ name: 'Boots', filter: 'usp' }] })
    await Promise.all([
      look.handlers['look.setColours']({ colourRules: [{ filter: 'usp', colour: 'red', on: true }] }),
      look.handlers['look.setContent']({ filter: 'a/#', view: 'json' }),
      look.handlers['look.setContent']({ filter: 'a/b', view: 'auto' }),
      look.handlers['look.setContent']({ filter: 'a/#', view: 'hex' }),
    ])
    await look.handlers['look.setContent']({ filter: 'a/b' })
    await look.close()
    const expected: LookState = {
      contents: [{ filter: 'a/#', view: 'hex' }],
      savedFilters: [{ name: 'Boots', filter: 'usp' }],
      colourRules: [{ filter: 'usp', colour: 'red', on: true }],
    }
    expect(told.at(-1)).toEqual(expected)
    expect((await open()).state).toEqual(expected)
    expect(problems).toEqual([])
  })

  test('takes no view that there is not, no broken filter and not too many', async () => {
    const { handlers, state } = await open()
    const set = async (filter: string, view: string) => handlers['look.setContent']({ filter, view })
    await expect(set('a/#/b', 'json')).rejects.toThrow('The topic filter a/#/b has # before its end')
    await expect(set('a', 'pictures')).rejects.toThrow('There is no content view “pictures”.')
    for (let i = 0; i < MAX_LOOK; i++) await set(`t/${i}`, 'text')
    await expect(set('one/more', 'text')).rejects.toThrow('remove one first')
    await set('t/7', 'hex')
    expect(state.contents).toEqual([])
    expect(told.at(-1)?.contents).toHaveLength(MAX_LOOK)
  })

  test('begins anew over a broken file, which is kept', async () => {
    writeFileSync(file(), '{"version":1,"savedFilters":"none"}')
    const look = await open()
    expect(look.state).toEqual({ contents: [], savedFilters: [], colourRules: [] })
    expect(problems).toEqual([
      expect.stringMatching(/^look.json cannot be read: .*It is kept as look.json.broken-/),
    ])
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^look.json.broken-/)])
  })

  test('leaves a file of a newer bench as it is', async () => {
    const text = '{"version":2,"savedFilters":{"new":true}}'
    writeFileSync(file(), text)
    const look = await open()
    expect(problems).toEqual([expect.stringContaining('written by a newer Oktobench')])
    await expect((async () => look.handlers['look.setFilters']({ savedFilters: [] }))()).rejects.toThrow(
      'written by a newer Oktobench',
    )
    expect(readFileSync(file(), 'utf8')).toBe(text)
  })
})
