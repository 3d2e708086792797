import { afterEach, beforeEach, expect, it } from 'vitest'
import { createLive, type LiveStore } from '../../../../renderer/app/live.ts'
import { deliver } from '../../../../renderer/app/deliver.ts'
import {
  createCertificates,
  type CertificatesModel,
} from '../../../../renderer/features/certificates/store.ts'
import { FOLDER, inDays, LabHost } from './fake-lab.ts'

let host: LabHost
let live: LiveStore
let model: CertificatesModel
beforeEach(() => {
  host = new LabHost()
  live = createLive(host)
  model = createCertificates(host, live)
})
afterEach(() => {
  model.close()
  live.close()
})
const filesOf = () => {
  const { files } = model.getState()
  return files?.ok ? files.value.file : files?.error.message
}
const asked = (name: string) => host.calls.filter((call) => call.name === name)

it('knows the files of the certificate under the cursor', async () => {
  model.select('0A04')
  expect(model.getState().files).toBeUndefined()
  await expect.poll(filesOf).toBe(`${FOLDER}/devices/os_00256D-A1F3.pem`)
})

it('does not ask for the file of a revoked one, and lets it go when one is revoked', async () => {
  model.select('0A03')
  expect(asked('certificates.bundle')).toEqual([])
  model.select('0A01')
  await expect.poll(filesOf).toContain('B002')
  await host.call('certificates.revoke', { serial: '0A01' })
  expect(model.getState().files).toBeUndefined()
})

it('shows the files of the last one chosen, however late another answers', async () => {
  let release: () => void = () => undefined
  host.waits.set('certificates.bundle', new Promise((resolve) => (release = resolve)))
  model.select('0A01')
  host.waits.clear()
  model.select('0A04')
  await expect.poll(filesOf).toContain('A1F3')
  release()
  // Both answers are there once a later call is answered.
  await host.call('certificates.bundle', { serial: '0A01' })
  expect(filesOf()).toContain('A1F3')
})

it('notices that a newer one took the file', async () => {
  model.select('0A01')
  await expect.poll(filesOf).toContain('B002')
  await host.call('certificates.issue', { endpointId: 'os::00256D-B002' })
  await expect.poll(filesOf).toBe('Its file holds a newer one: renew it.')
})

it('makes what is typed, without the spaces around it, and goes to it', async () => {
  model.setFilter('revoked')
  model.setDraft({ endpointId: ' os::new ', username: '  ' })
  expect(await model.issue()).toEqual({ ok: true, value: undefined })
  expect(asked('certificates.issue')).toEqual([
    { name: 'certificates.issue', request: { endpointId: 'os::new' } },
  ])
  expect(model.getState()).toMatchObject({
    filter: '',
    draft: { endpointId: '', username: '' },
    selected: host.lab.devices.at(-1)?.serial,
  })
})

it('keeps what is typed when it cannot be made', async () => {
  host.errors.set('certificates.issue', 'The disk is full.')
  model.setDraft({ endpointId: 'os::new', username: 'rg' })
  expect(await model.issue()).toMatchObject({ ok: false, error: { message: 'The disk is full.' } })
  expect(model.getState().draft).toEqual({ endpointId: 'os::new', username: 'rg' })
})

it('goes to the new certificate after renewing, for the same user', async () => {
  model.select('0A01')
  await model.renew('0A01')
  const made = host.lab.devices.at(-1)
  expect(made).toMatchObject({ endpointId: 'os::00256D-B002', username: 'rg-lab-7731' })
  expect(model.getState().selected).toBe(made?.serial)
})

it('lets go of a certificate that leaves the list', () => {
  model.select('0A01')
  host.set({ devices: host.lab.devices.filter(({ serial }) => serial !== '0A01') })
  expect(model.getState().selected).toBeUndefined()
})

it('offers devices that are agents, and only as long as somebody looks', async () => {
  const offered = () => model.getState().offered.map(({ endpointId }) => endpointId)
  const end = model.offer()
  await expect.poll(offered).toEqual(['os::00256D-NEW1', 'os::00256D-A1F3'])
  model.setDraft({ endpointId: 'NEW' })
  await expect.poll(offered).toEqual(['os::00256D-NEW1'])
  expect([...host.views].map(({ text }) => text)).toEqual(['NEW'])
  model.setDraft({ username: 'x' })
  expect(host.views.size).toBe(1)
  end()
  expect(host.views.size).toBe(0)
})

it('hands over one file after the other, and stops at the first that cannot be', async () => {
  const fetched: string[] = []
  const fetchFile = (url: string) => void fetched.push(url)
  expect(await deliver(host, ['/a/one.pem', '/a/two.pem'], fetchFile)).toEqual({ ok: true, value: undefined })
  expect(fetched).toEqual(['/download/one.pem', '/download/two.pem'])
  host.errors.set('host.deliver', 'It is gone.')
  expect(await deliver(host, ['/a/one.pem', '/a/two.pem'], fetchFile)).toMatchObject({ ok: false })
  expect(asked('host.deliver')).toHaveLength(3)
  expect(fetched).toHaveLength(2)
})

it('sees every change of the lab', () => {
  host.set({
    keyLog: '/x/tls-keys.log',
    devices: [{ serial: '01', endpointId: 'os::1', notAfter: inDays(1) }],
  })
  expect(live.getState().certificates).toMatchObject({
    keyLog: '/x/tls-keys.log',
    devices: [{ serial: '01' }],
  })
})
