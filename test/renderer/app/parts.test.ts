import { describe, expect, it } from 'vitest'
import { keyedCommands } from '../../../renderer/app/commands.ts'
import { fuzzy } from '../../../renderer/app/fuzzy.ts'
import { chordOf, createKeyReader, SEQUENCE_PAUSE } from '../../../renderer/app/keys.ts'
import { HISTORY_LENGTH, mergeHistory } from '../../../renderer/app/live.ts'
import { createNotices, reportOf } from '../../../renderer/app/notices.ts'
import {
  createSettings,
  parseSettings,
  SETTINGS_KEY,
  withExpanded,
  withRecent,
} from '../../../renderer/app/settings.ts'
import { fakeSample } from '../fake-host.ts'
import { MemoryStorage } from '../memory-storage.ts'

const stroke = (key: string, more = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
})

describe('keys', () => {
  it('has no chord twice and none that a sequence hides', () => {
    const chords = keyedCommands.flatMap((command) => command.keys ?? [])
    expect(new Set(chords).size).toBe(chords.length)
    const firsts = chords.filter((chord) => chord.includes(' ')).map((chord) => chord.split(' ')[0])
    expect(chords.filter((chord) => firsts.includes(chord))).toEqual([])
  })

  it('reads single keys, sequences and Ctrl', () => {
    const read = createKeyReader(keyedCommands, () => 0)
    expect(read(stroke('j'))?.id).toBe('list.next')
    expect(read(stroke('g'))).toBeUndefined()
    expect(read(stroke('p'))?.id).toBe('go.packets')
    expect(read(stroke('p'))).toBeUndefined()
    expect(read(stroke('k', { ctrlKey: true }))?.id).toBe('palette')
    expect(read(stroke('K', { metaKey: true }))?.id).toBe('palette')
    expect(read(stroke('M', { shiftKey: true }))?.id).toBe('packets.next-mark')
    expect(read(stroke('?', { shiftKey: true }))?.id).toBe('keys')
  })

  it('forgets the first key after a pause', () => {
    let now = 0
    const read = createKeyReader(keyedCommands, () => now)
    read(stroke('g'))
    now = SEQUENCE_PAUSE + 1
    expect(read(stroke('d'))).toBeUndefined()
  })

  it('names shift for letters only', () => {
    expect(chordOf(stroke('?', { shiftKey: true }))).toBe('?')
    expect(chordOf(stroke('A', { shiftKey: true }))).toBe('shift+a')
    expect(chordOf(stroke('Tab', { shiftKey: true }))).toBe('shift+tab')
  })
})

describe('fuzzy', () => {
  it('wants the letters in their order', () => {
    expect(fuzzy('cph', 'Copy packet as hex')).toBeDefined()
    expect(fuzzy('xeh', 'Copy packet as hex')).toBeUndefined()
    expect(fuzzy('', 'anything')?.score).toBe(0)
  })

  it('prefers word starts and runs', () => {
    const score = (text: string) => fuzzy('dark', text)?.score ?? -Infinity
    expect(score('Dark theme')).toBeGreaterThan(score('Disconnect a router kindly'))
    expect(fuzzy('the', 'Tab other theme')?.at).toEqual([10, 11, 12])
  })
})

describe('settings', () => {
  it('comes back after a start', () => {
    const storage = new MemoryStorage()
    createSettings(storage)
      .getState()
      .set({ theme: 'light', splits: { packets: 0.7 } })
    expect(createSettings(storage).getState()).toMatchObject({ theme: 'light', splits: { packets: 0.7 } })
  })

  it('takes the default of what is broken and keeps the rest', () => {
    const text = JSON.stringify({ theme: 'pink', place: 'packets', splits: { a: 7 }, columns: 3, unknown: 1 })
    expect(parseSettings(text)).toMatchObject({ theme: 'system', place: 'packets', splits: {}, columns: {} })
    expect(parseSettings('{').theme).toBe('system')
    expect(parseSettings('null').place).toBe('bench')
    expect(parseSettings(null).timeFormat).toBe('delta')
  })

  it('works where nothing can be stored', () => {
    const storage = new MemoryStorage()
    storage.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError')
    }
    storage.getItem = () => {
      throw new DOMException('denied', 'SecurityError')
    }
    const settings = createSettings(storage)
    settings.getState().set({ theme: 'dark' })
    expect(settings.getState().theme).toBe('dark')
    expect(SETTINGS_KEY).toContain('.1')
  })

  it('keeps lists within bounds', () => {
    let expanded: Record<string, boolean> = {}
    for (let at = 0; at < 400; at++) expanded = withExpanded(expanded, `field${at}`, true)
    expect(Object.keys(expanded)).toHaveLength(300)
    expect(expanded['field399']).toBe(true)
    expect(withRecent(['b', 'a'], 'a')).toEqual(['a', 'b'])
    expect(
      withRecent(
        Array.from({ length: 10 }, (_, at) => `f${at}`),
        'new',
      ),
    ).toHaveLength(10)
  })
})

describe('history', () => {
  const second = (at: number) => fakeSample(at * 1000, 1)
  it('takes samples once, in order, of ten minutes', () => {
    const first = mergeHistory([second(5)], [second(3), second(4), second(5)])
    expect(first.map((sample) => sample.time)).toEqual([3000, 4000, 5000])
    const long = mergeHistory(
      first,
      Array.from({ length: 700 }, (_, at) => second(at + 6)),
    )
    expect(long).toHaveLength(HISTORY_LENGTH)
    expect(long.at(-1)?.time).toBe(705_000)
  })
})

describe('notices', () => {
  it('shows the same error once, and few at all', () => {
    const notices = createNotices()
    for (let at = 0; at < 10; at++) notices.getState().fail({ code: 'failed', message: `no ${at % 6}` })
    notices.getState().fail({ code: 'failed', message: 'no 3' })
    const texts = notices.getState().notices.map((notice) => notice.text)
    expect(texts).toHaveLength(4)
    expect(new Set(texts).size).toBe(4)
    expect(texts.at(-1)).toBe('no 3')
  })

  it('reports an error with its cause', () => {
    const report = reportOf(new Error('outer', { cause: new Error('inner') }))
    expect(report).toContain('outer')
    expect(report).toContain('caused by: Error: inner')
    expect(reportOf('plain')).toBe('plain')
  })
})
