import { describe, expect, it, vi } from 'vitest'
import {
  exportRequest,
  MAX_SELECTED,
  scopeFault,
  type ExportWish,
} from '../../../../renderer/features/captures/export-request.ts'
import { lengthText, sortedCaptures, startedText } from '../../../../renderer/features/captures/facts.ts'
import { takeDropped } from '../../../../renderer/features/captures/drop-zone.tsx'
import { createModel } from '../../../../renderer/app/model.ts'
import { readAnswer } from '../../../../renderer/host/upload.ts'
import { ok } from '../../../../shared/contract/result.ts'
import { fakeCaptures } from '../../fake-captures.ts'
import { FakeHost } from '../../fake-host.ts'
import { MemoryStorage } from '../../memory-storage.ts'

const wish: ExportWish = {
  capture: 'live',
  format: 'pcapng',
  scope: 'all',
  filter: 'usp or marked',
  selection: { from: 3, to: 6 },
  columns: ['mqtt.topic'],
  secrets: false,
  name: ' evidence ',
}

describe('what is exported', () => {
  it('is what was chosen', () => {
    const common = { capture: 'live', format: 'pcapng', secrets: false, name: 'evidence' }
    expect(exportRequest(wish)).toEqual({ ...common, filter: '' })
    expect(exportRequest({ ...wish, scope: 'filter' })).toEqual({ ...common, filter: 'usp or marked' })
    expect(exportRequest({ ...wish, scope: 'marked' })).toEqual({ ...common, filter: 'marked' })
    expect(exportRequest({ ...wish, scope: 'selection' })).toEqual({
      ...common,
      filter: '(usp or marked) and frame.number in {3..6}',
    })
    expect(exportRequest({ ...wish, format: 'csv', name: '' })).toEqual({
      capture: 'live',
      format: 'csv',
      secrets: false,
      filter: '',
      columns: ['mqtt.topic'],
    })
  })

  it('names the rows where the filter is a search for words, up to a bound that is told', () => {
    const words: ExportWish = { ...wish, scope: 'selection', filter: 'boot' }
    expect(exportRequest(words)).toMatchObject({ filter: 'boot', rows: [3, 4, 5, 6] })
    expect(scopeFault(words)).toBeUndefined()
    expect(scopeFault({ ...words, selection: { from: 1, to: MAX_SELECTED + 1 } })).toContain('100,000')
    expect(scopeFault({ ...words, selection: undefined })).toContain('No packet is selected')
  })
})

describe('facts', () => {
  it('stand with the live capture first, then the newest', () => {
    const ids = sortedCaptures(fakeCaptures(1).toReversed()).map(({ id }) => id)
    expect(ids).toEqual(['live-folder', 'boot-loop', 'acl-refusals', 'from-wireshark'])
  })
  it('are told in words', () => {
    const [live, stored] = fakeCaptures(1)
    if (!live || !stored) expect.fail()
    expect(startedText(live)).toBe('2026-03-01 09:00:00')
    expect(lengthText(live, Date.parse(live.startedAt) + 90_000)).toBe('1 min')
    expect(lengthText(stored, 0)).toBe('23 min')
    const { endedAt: _end, ...unknown } = stored
    expect(lengthText(unknown, 0)).toBe('')
  })
})

describe('an upload', () => {
  it('is answered with a path, or with a reason', () => {
    expect(readAnswer(200, '{"path":"/w/imports/a.pcap"}', 'a.pcap')).toEqual(ok('/w/imports/a.pcap'))
    expect(readAnswer(200, 'what?', 'a.pcap')).toMatchObject({ ok: false, error: { code: 'failed' } })
    expect(readAnswer(413, 'The file is larger than 2 GB.', 'a.pcap')).toMatchObject({
      error: { message: 'a.pcap could not be sent. The file is larger than 2 GB.' },
    })
    expect(readAnswer(500, '', 'a.pcap')).toMatchObject({
      error: { message: expect.stringContaining('500') },
    })
  })
})

describe('the store', () => {
  const file = (name: string) => new File(['x'], name)
  const setUp = () => {
    const host = new FakeHost({ packets: 10 })
    const upload = vi.fn(async (sent: File) => ok(`/w/imports/${sent.name}`))
    return { host, upload, model: createModel(host, new MemoryStorage(), upload) }
  }

  it('sends dropped files, imports them, and shows the capture when it is there', async () => {
    const { host, model, upload } = setUp()
    takeDropped(model, [file('tour.pcapng'), file('keys.log')])
    expect(model.frame.getState().overlay).toBe('import')
    model.goTo('captures')
    expect(await model.captures.startImport(' Tour ')).toEqual(ok(undefined))
    expect(upload.mock.calls.map(([sent]) => sent.name)).toEqual(['tour.pcapng', 'keys.log'])
    expect(host.calls.at(-1)).toEqual({
      name: 'captures.import',
      request: { path: '/w/imports/tour.pcapng', name: 'Tour', keyLog: '/w/imports/keys.log' },
    })
    expect(model.packets.current().capture).toBe('live')
    host.finish('job-1')
    expect(model.packets.current().capture).toBe('import-4')
    expect(model.frame.getState().place).toBe('packets')
    model.close()
  })

  it('leaves a bundle the name that it brings along', async () => {
    const { host, model } = setUp()
    for (const [name, wish, wanted] of [
      ['rack.zip', '', undefined],
      ['rack.zip', 'Rack 3', 'Rack 3'],
      ['rack.pcap', '', 'rack'],
    ] as const) {
      takeDropped(model, [file(name)])
      await model.captures.startImport(wish)
      expect(host.calls.at(-1)?.request).toEqual({
        path: `/w/imports/${name}`,
        ...(wanted && { name: wanted }),
      })
    }
    model.close()
  })

  it('keeps what was chosen when the bench refuses it', async () => {
    const { host, model } = setUp()
    takeDropped(model, [file('tour.pcapng')])
    host.errors.set('captures.import', 'It is no capture.')
    expect(await model.captures.startImport('')).toMatchObject({ ok: false })
    expect(model.captures.getState().importing.file?.name).toBe('tour.pcapng')
    model.close()
  })

  it('says what cannot be dropped', () => {
    const { model } = setUp()
    takeDropped(model, [file('a.pcap'), file('b.pcap')])
    expect(model.notices.getState().notices.map(({ text }) => text)).toEqual([
      expect.stringContaining('one capture at a time'),
    ])
    expect(model.frame.getState().overlay).toBe('none')
    model.close()
  })

  it('forgets the cursor with the capture, and puts a finished opening away', async () => {
    const { host, model } = setUp()
    model.captures.select('boot-loop')
    await model.captures.open('boot-loop')
    host.finish('job-1')
    expect(host.calls.at(-1)).toEqual({ name: 'jobs.dismiss', request: { id: 'job-1' } })
    await model.run('captures.delete', { id: 'boot-loop' })
    expect(model.captures.getState().selected).toBeUndefined()
    model.close()
  })
})
