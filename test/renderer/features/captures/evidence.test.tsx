// @vitest-environment happy-dom
/** A capture that was an evidence bundle: what came with it, and its filter over its packets. */
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { App } from '../../../../renderer/app/app.tsx'
import { createModel, type Model } from '../../../../renderer/app/model.ts'
import { deviceWords } from '../../../../renderer/features/captures/evidence.tsx'
import { settle, textOf } from '../../app/screen.ts'
import { FakeHost } from '../../fake-host.ts'
import { MemoryStorage } from '../../memory-storage.ts'
import { noUpload } from '../../no-upload.ts'

vi.mock('../../../../renderer/features/bench/chart.tsx', () => ({ Chart: () => null }))

let host: FakeHost
let model: Model
let root: Root
let id: string
const filter = 'mqtt.msgtype == PUBLISH'
beforeEach(async () => {
  host = new FakeHost({ packets: 200, devices: 4 })
  id = host.captures.find(({ state }) => state === 'stored')?.id ?? expect.fail('no stored capture')
  host.evidence.set(id, {
    devices: [{ endpointId: 'os::1', manufacturer: 'Vendor', modelName: 'M1', version: '5.0' }],
    moreDevices: 3,
    listeners: [{ label: 'TLS 8883', host: '*', state: 'listening' }],
  })
  host.setInfo(id, { filter, evidence: true })
  model = createModel(host, new MemoryStorage(), noUpload)
  root = createRoot(document.body.appendChild(document.createElement('div')))
  act(() => root.render(<App model={model} />))
  await settle()
})
afterEach(() => {
  act(() => root.unmount())
  model.close()
  document.body.replaceChildren()
})

it('is shown with its devices, the listeners of that bench and the filter', async () => {
  act(() => {
    model.captures.select(id)
    model.goTo('captures')
  })
  await settle()
  const detail = textOf('#capture-detail')
  for (const part of ['os::1', 'Vendor M1 · MQTT 5.0', '3 more devices not listed', filter])
    expect(detail).toContain(part)
  expect(detail).toContain('TLS 8883listening on every address')
})

it('opens with its filter over its packets, and leaves the live ones alone', async () => {
  act(() => host.setInfo(id, { state: 'open' }))
  await settle()
  const [live, opened] = model.packets.getState().tabs
  expect(opened?.list.getState().params.filter).toBe(filter)
  expect(opened?.getState().filter).toBe(filter)
  expect(live?.getState().filter).toBe('')
})

it('says of a device what is known, and nothing of the rest', () => {
  expect(deviceWords({ endpointId: 'a' })).toBe('')
  expect(
    deviceWords({ endpointId: 'a', transport: 'tls', remoteAddress: '10.0.0.7', serialNumber: '42' }),
  ).toBe('serial 42 · over TLS from 10.0.0.7')
})
