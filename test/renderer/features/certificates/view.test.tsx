// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { useStore } from 'zustand'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { commandById, keyedCommands, runCommand } from '../../../../renderer/app/commands.ts'
import { Header } from '../../../../renderer/app/header.tsx'
import { createModel, ModelProvider, type Model } from '../../../../renderer/app/model.ts'
import { CertificatesView } from '../../../../renderer/features/certificates/certificates-view.tsx'
import { ReplaceDialog } from '../../../../renderer/features/certificates/replace-dialog.tsx'
import { fail } from '../../../../shared/contract/result.ts'
import { MemoryStorage } from '../../memory-storage.ts'
import { fakeBench, fakeDevices, FOLDER, LabHost } from './fake-lab.ts'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

let host: LabHost
let model: Model
let root: Root

/** Lets answers that are on their way arrive. */
const settle = () => act(async () => void (await new Promise((resolve) => setTimeout(resolve))))

const Sheet = () =>
  useStore(model.frame, (state) => state.overlay) === 'replace-authority' ? <ReplaceDialog /> : null

async function show(made = new LabHost()): Promise<void> {
  host = made
  model = createModel(host, new MemoryStorage(), async () => fail('unavailable', 'Nothing is uploaded here.'))
  root = createRoot(document.body.appendChild(document.createElement('div')))
  act(() =>
    root.render(
      <ModelProvider value={model}>
        <Header />
        <CertificatesView />
        <Sheet />
      </ModelProvider>,
    ),
  )
  await settle()
}
beforeEach(() => {
  // The height a test environment does not lay out.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(222)
})
afterEach(() => {
  act(() => root.unmount())
  model.close()
  document.body.replaceChildren()
})

function find<E extends Element = HTMLElement>(selector: string): E {
  return document.querySelector<E>(selector) ?? expect.fail(`nothing matches ${selector}`)
}
const textOf = (selector: string) => find(selector).textContent
const section = (name: string) => `[aria-label="${name}"]`
const button = (name: string) =>
  [...document.querySelectorAll('button')].find(
    (candidate) => candidate.textContent?.trim() === name || candidate.getAttribute('aria-label') === name,
  ) ?? expect.fail(`no button is called ${name}`)
const click = async (element: HTMLElement) => {
  act(() => element.click())
  await settle()
}
const typeInto = async (selector: string, text: string) => {
  const input = find<HTMLInputElement>(selector)
  act(() => {
    // React listens to the native setter of the value.
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, text)
    input.dispatchEvent(new Event('input', { bubbles: true }))
  })
  await settle()
}
const press = async (key: string) => {
  act(() => {
    const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })
    document.activeElement?.dispatchEvent(event)
  })
  await settle()
}
const rows = () => [...document.querySelectorAll('[role=row][id]')].map((row) => row.textContent)
const lastCall = () => host.calls.filter(({ name }) => name !== 'certificates.bundle').at(-1)
const select = (serial: string) =>
  act(async () => {
    model.certificates.select(serial)
  })

describe('this bench', () => {
  it('tells the authority, its file and how to use it', async () => {
    await show()
    const text = textOf(section('Lab authority'))
    expect(text).toContain('O=Oktobench lab, CN=Lab authority 3f1c')
    expect(text).toContain(host.lab.authority.fingerprint)
    expect(text).toContain(`${FOLDER}/lab-ca.pem`)
    expect(text).toContain('obuspa -f usp.db -t lab-ca.pem')
    expect(text).toContain('mosquitto_pub --cafile lab-ca.pem \\\n  -h 192.168.1.20 -p 8883 ')
    await click(button('Save lab-ca.pem…'))
    expect(lastCall()).toEqual({ name: 'host.deliver', request: { file: `${FOLDER}/lab-ca.pem` } })
  })

  it('names each name of the server certificate once', async () => {
    await show()
    const names = [...document.querySelectorAll('.certificate-names code')].map((chip) => chip.textContent)
    expect(names).toEqual(['192.168.1.20', 'fd00::20', '127.0.0.1', 'lab-pc', 'localhost'])
  })

  it.each(['off', 'required'] as const)('asks for client certificates: %s', async (mode) => {
    await show()
    await click(find(`${section('Client certificates')} input[value=${mode}]`))
    expect(lastCall()).toEqual({ name: 'certificates.ask', request: { mode } })
    expect(find<HTMLInputElement>(`input[value=${mode}]`).checked).toBe(true)
  })

  it('goes back to what holds when a choice is refused', async () => {
    await show()
    host.errors.set('certificates.ask', 'bench.json cannot be written.')
    await click(find('input[value=required]'))
    expect(find<HTMLInputElement>('input[value=optional]').checked).toBe(true)
    expect(model.notices.getState().notices[0]?.text).toBe('bench.json cannot be written.')
  })

  it('marks a server certificate that is wrong on purpose until the right one is shown', async () => {
    await show()
    expect(document.querySelector('.certificate-fault')).toBeNull()
    await click(find('input[value=wrong-name]'))
    expect(lastCall()).toEqual({ name: 'certificates.fault', request: { fault: 'wrong-name' } })
    expect(textOf('.header')).toContain('Wrong certificate')
    expect(textOf('.certificate-fault[role=alert]')).toContain('is made out to another name, on purpose')
    expect(textOf(section('Server certificate'))).toContain('hostname mismatch (err_code=62)')
    await click(button('Show the right one'))
    expect(lastCall()).toEqual({ name: 'certificates.fault', request: {} })
    expect(document.querySelector('.certificate-fault')).toBeNull()
    expect(textOf('.header')).not.toContain('Wrong certificate')
    expect(find<HTMLInputElement>('input[value=right]').checked).toBe(true)
    await click(find('input[value=expired]'))
    await click(find('input[value=right]'))
    expect(lastCall()).toEqual({ name: 'certificates.fault', request: {} })
    expect(host.lab.fault).toBeUndefined()
  })

  it('replaces the authority after listing what becomes worthless', async () => {
    await show()
    const { fingerprint } = host.lab.authority
    await click(button('Replace…'))
    const listed = textOf(section('Certificates that become worthless'))
    expect(listed).toContain('os::00256D-B002')
    expect(listed).not.toContain('os::00256D-C9')
    host.errors.set('certificates.replaceAuthority', 'The disk is full.')
    await click(button('Replace the authority'))
    expect(textOf('.dialog [role=alert]')).toBe('The disk is full.')
    host.errors.clear()
    await click(button('Replace the authority'))
    expect(lastCall()).toEqual({ name: 'certificates.replaceAuthority', request: { fingerprint } })
    expect(textOf('.dialog')).toContain(`${FOLDER}/former-`)
    await click(button('Done'))
    expect(document.querySelector('.dialog')).toBeNull()
  })

  it('warns in words while secrets are written down, and says where', async () => {
    await show()
    await click(find(`${section('TLS key log')}[role=switch]`))
    expect(textOf(`section${section('TLS key log')}`)).toContain('whoever has this file can read')
    expect(textOf(`section${section('TLS key log')}`)).toContain(`${FOLDER}/tls-keys.log`)
    await click(find(`${section('TLS key log')}[role=switch]`))
    expect(lastCall()).toEqual({ name: 'certificates.keyLog', request: { on: false } })
    expect(textOf(`section${section('TLS key log')}`)).not.toContain('tls-keys.log')
  })

  it('offers to turn the listener on that nobody reaches', async () => {
    await show(new LabHost(fakeDevices, fakeBench('off')))
    expect(textOf('.certificate-off')).toContain('TLS 8883 is off')
    await click(button('Turn on TLS 8883'))
    expect(lastCall()).toEqual({ name: 'listeners.set', request: { transport: 'tls', enabled: true } })
    expect(document.querySelector('.certificate-off')).toBeNull()
  })
})

describe('device certificates', () => {
  it('are a table with their state in words', async () => {
    await show()
    expect(rows()).toHaveLength(4)
    expect(rows()[1]).toContain('a newer one was made')
    expect(rows()[2]).toMatch(/^expires soon.*B002.*rg-lab-7731/)
    expect(rows()[3]).toMatch(/^revoked.*C9/)
  })

  it('are filtered, and found again', async () => {
    await show()
    await typeInto('#certificates-filter', 'revoked')
    expect(rows()).toHaveLength(1)
    expect(textOf(`${section('Device certificates')} small`)).toBe('1 of 4')
    await typeInto('#certificates-filter', 'nothing')
    expect(textOf('.empty')).toContain('None of 4 certificates has: nothing')
    await click(button('Clear the filter'))
    expect(rows()).toHaveLength(4)
  })

  it('are gone through by keys', async () => {
    await show()
    expect(document.activeElement?.id).toBe('certificates-list')
    await press('ArrowDown')
    await press('j')
    expect(model.certificates.getState().selected).toBe('0A02')
    await press('Escape')
    expect(document.querySelector('.certificate-detail')).toBeNull()
  })

  it('come with the lines to use them', async () => {
    await show()
    await select('0A04')
    const text = textOf('#certificate-detail')
    expect(text).toContain('obuspa -f usp.db -a os_00256D-A1F3.pem -t lab-ca.pem')
    expect(text).toContain('Device.MQTT.Client.1.TransportProtocol "TLS"')
    expect(text).toContain('Device.MQTT.Client.1.BrokerPort "8883"')
    expect(text).toContain('--cert os_00256D-A1F3.pem --key os_00256D-A1F3.pem')
    await click(button('Save files…'))
    const delivered = host.calls.filter(({ name }) => name === 'host.deliver').map(({ request }) => request)
    expect(delivered).toEqual([
      { file: `${FOLDER}/devices/os_00256D-A1F3.pem` },
      { file: `${FOLDER}/lab-ca.pem` },
    ])
  })

  it('say when the bench would not ask for them', async () => {
    await show()
    act(() => host.set({ clientCertificates: 'off' }))
    await select('0A04')
    await click(button('Ask for them, optionally'))
    expect(host.lab.clientCertificates).toBe('optional')
    expect(textOf('#certificate-detail')).not.toContain('Client certificates are off')
  })

  it('are revoked only after a question that says what ends', async () => {
    await show()
    await select('0A01')
    await click(button('Revoke'))
    expect(host.calls.some(({ name }) => name === 'certificates.revoke')).toBe(false)
    await click(button('Revoke for good and end its connections?'))
    expect(lastCall()).toEqual({ name: 'certificates.revoke', request: { serial: '0A01' } })
    expect(textOf('#certificate-detail')).toContain('no handshake with it succeeds any more')
    expect(textOf('#certificate-detail')).not.toContain('On the device')
    expect(button('Save files…').disabled).toBe(true)
  })

  it('are renewed, and an older one says that its file is gone', async () => {
    await show()
    await select('0A01')
    await click(button('Renew'))
    expect(host.lab.devices).toHaveLength(5)
    expect(model.certificates.getState().selected).toBe(host.lab.devices.at(-1)?.serial)
    await select('0A01')
    expect(textOf('#certificate-detail')).toContain('A newer one was made for this device')
  })
})

describe('making one', () => {
  it('offers known devices and the user of the chosen one', async () => {
    await show()
    const offered = [...document.querySelectorAll('datalist option')].map((option) =>
      [option.getAttribute('value'), option.textContent].join(': '),
    )
    expect(offered).toContain('os::00256D-NEW1: online, without certificate')
    expect(offered).toContain('os::00256D-A1F3: online, has a certificate')
    await typeInto('#certificate-endpoint', 'os::00256D-NEW1')
    await click(button('Make it for this user'))
    await click(button('Make certificate'))
    expect(host.lab.devices.at(-1)).toMatchObject({
      endpointId: 'os::00256D-NEW1',
      username: 'rg-lab-7740',
    })
    expect(textOf('#certificate-detail')).toContain('rg-lab-7740')
    expect(find<HTMLInputElement>('#certificate-endpoint').value).toBe('')
  })

  it('says what a second one does to the first', async () => {
    await show()
    await typeInto('#certificate-endpoint', 'os::00256D-A1F3')
    expect(textOf('.certificate-remark')).toContain('its file will hold the new one')
    expect(button('Make another').disabled).toBe(false)
  })

  it('takes no endpoint ID that cannot stand in a certificate', async () => {
    await show()
    await typeInto('#certificate-endpoint', 'os::a b')
    expect(textOf('.certificate-remark.bad')).toContain('only letters, digits')
    expect(button('Make certificate').disabled).toBe(true)
  })

  it('shows why it could not be made, until something else is typed', async () => {
    await show()
    host.errors.set('certificates.issue', 'The disk is full.')
    await typeInto('#certificate-endpoint', 'os::x')
    await click(button('Make certificate'))
    expect(textOf('.certificate-form [role=alert]')).toBe('The disk is full.')
    await typeInto('#certificate-endpoint', 'os::y')
    expect(document.querySelector('.certificate-form [role=alert]')).toBeNull()
  })

  it('begins in an empty lab with a sentence and a button', async () => {
    await show(new LabHost([]))
    expect(textOf('.empty')).toContain('None was made yet')
    expect(document.querySelector('#certificates-filter')).toBeNull()
    await click(button('Make a certificate'))
    await vi.waitFor(() => expect(document.activeElement?.id).toBe('certificate-endpoint'))
  })
})

describe('commands', () => {
  it('go to the view by g t', () =>
    expect(keyedCommands.find(({ id }) => id === 'go.certificates')?.keys).toEqual(['g t']))

  it('show the right server certificate again, only while a wrong one is shown', async () => {
    await show()
    const right = commandById('certificates.right')
    expect(runCommand(right, model)).toBe(false)
    act(() => host.set({ fault: 'expired' }))
    act(() => void runCommand(right, model))
    await settle()
    expect(host.lab.fault).toBeUndefined()
  })

  it('save the authority from anywhere', async () => {
    await show()
    expect(runCommand(commandById('certificates.authority'), model)).toBe(true)
    await settle()
    expect(lastCall()?.name).toBe('host.deliver')
  })
})
