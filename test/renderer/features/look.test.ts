import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createNotices } from '../../../renderer/app/notices.ts'
import { createSettings, SETTINGS_KEY } from '../../../renderer/app/settings.ts'
import { createLook, type Look } from '../../../renderer/features/packets/look.ts'
import { FakeHost } from '../fake-host.ts'
import { MemoryStorage } from '../memory-storage.ts'

const red = { filter: 'marked', colour: 'red' as const, on: true }
const boots = { name: 'Boots', filter: 'usp.type == NOTIFY' }
let look: Look | undefined

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  look?.close()
  vi.useRealTimers()
})

function start(host: FakeHost, stored = '{}') {
  const storage = new MemoryStorage()
  storage.setItem(SETTINGS_KEY, stored)
  const settings = createSettings(storage)
  const notices = createNotices()
  look = createLook(host, settings, notices)
  return { look, settings, notices, storage }
}
const calls = (host: FakeHost, name: string) => host.calls.filter((call) => call.name === name)

describe('the look of packets', () => {
  it('is seen at once and written when the typing pauses', async () => {
    const host = new FakeHost()
    const { look } = start(host)
    for (const filter of ['m', 'ma', 'mar']) look.setColours([{ ...red, filter }])
    // What the bench says meanwhile is older.
    host.setLook({ colourRules: [] })
    expect(look.getState().colourRules).toEqual([{ ...red, filter: 'mar' }])
    await vi.advanceTimersByTimeAsync(1000)
    expect(calls(host, 'look.setColours').map(({ request }) => request)).toEqual([
      { colourRules: [{ ...red, filter: 'mar' }] },
    ])
    // Now another window changes it.
    host.setLook({ colourRules: [red] })
    expect(look.getState().colourRules).toEqual([red])
  })

  it('moves from this browser to the workspace once, and doubles nothing', async () => {
    const host = new FakeHost()
    host.setLook({ savedFilters: [boots], colourRules: [] })
    const kept = [
      { name: 'Boots', filter: 'mine' },
      { name: 'Pings', filter: 'ping' },
    ]
    const { look, storage } = start(host, JSON.stringify({ savedFilters: kept, colourRules: [red] }))
    await vi.advanceTimersByTimeAsync(1000)
    expect(host.look).toMatchObject({ savedFilters: [boots, kept[1]], colourRules: [red] })
    look.close()
    start(host, storage.getItem(SETTINGS_KEY) ?? '')
    await vi.advanceTimersByTimeAsync(1000)
    expect(calls(host, 'look.setFilters')).toHaveLength(1)
    expect(calls(host, 'look.setColours')).toHaveLength(1)
  })

  it('says when it could not be kept', async () => {
    const host = new FakeHost()
    const { look, notices } = start(host)
    host.errors.set('look.setFilters', 'The disk is full.')
    look.setFilters([boots])
    await vi.advanceTimersByTimeAsync(1000)
    expect(JSON.stringify(notices.getState())).toContain('The disk is full.')
  })
})
