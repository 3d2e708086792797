/** Captures of every kind. */
import type { CaptureInfo } from '../../shared/contract/model.ts'
import { BASE_SEC } from './fake-packets.ts'

export const fakeLive: CaptureInfo = {
  id: 'live-folder',
  name: 'Firmware 5.2, first boot',
  note: '',
  pinned: false,
  state: 'live',
  startedAt: new Date(BASE_SEC * 1000).toISOString(),
  bytes: 0,
  droppedRows: 0,
}

/** The live one and a few of every kind. */
export function fakeCaptures(packets: number): CaptureInfo[] {
  const stored = (id: string, hours: number, more: Partial<CaptureInfo>): CaptureInfo => ({
    ...fakeLive,
    id,
    state: 'stored',
    startedAt: new Date((BASE_SEC - hours * 3600) * 1000).toISOString(),
    endedAt: new Date((BASE_SEC - hours * 3600 + 1380) * 1000).toISOString(),
    ...more,
  })
  return [
    { ...fakeLive, rows: packets, bytes: packets * 260 },
    stored('boot-loop', 20, {
      name: 'Boot loop after factory reset',
      note: 'Reboots each time the SUBSCRIBE is refused.\nTicket 4711.',
      pinned: true,
      rows: 48_211,
      bytes: 12_430_112,
    }),
    stored('acl-refusals', 44, {
      name: 'Refused topics',
      bytes: 922_004,
      remark: 'The last 312 bytes were torn and were cut off; every whole packet is there.',
    }),
    stored('from-wireshark', 90, {
      name: 'obuspa-tour',
      note: 'Mirror port of the lab switch',
      rows: 1209,
      bytes: 301_882,
      importedFrom: 'obuspa-tour.pcapng',
    }),
  ]
}
