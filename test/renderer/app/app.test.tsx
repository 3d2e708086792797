// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { App } from '../../../renderer/app/app.tsx'
import { ErrorBoundary } from '../../../renderer/app/error-boundary.tsx'
import { createModel, type Model } from '../../../renderer/app/model.ts'
import { ViewNotLoaded } from '../../../renderer/app/views.tsx'
import { FakeHost, type FakeOptions } from '../fake-host.ts'
import { MemoryStorage } from '../memory-storage.ts'
import { noUpload } from '../no-upload.ts'
import { button, click, find, press, settle, textOf, until } from './screen.ts'

// A canvas is drawn by no test environment; the chart is looked at in a browser.
vi.mock('../../../renderer/features/bench/chart.tsx', () => ({ Chart: () => null }))

let host: FakeHost
let model: Model
let root: Root

async function show(options: FakeOptions = {}): Promise<void> {
  host = new FakeHost({ packets: 1000, devices: 4, ...options })
  model = createModel(host, new MemoryStorage(), noUpload)
  root = createRoot(document.body.appendChild(document.createElement('div')))
  act(() => root.render(<App model={model} />))
  await settle()
}
/** The height a test environment does not lay out. */
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(222)
})
afterEach(() => {
  act(() => root.unmount())
  model.close()
  document.body.replaceChildren()
})

const typeInto = (input: HTMLInputElement, text: string) =>
  act(() => {
    // React listens to the native setter of the value.
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, text)
    input.dispatchEvent(new Event('input', { bubbles: true }))
  })
describe('frame', () => {
  it('says in words that the bench is open, what listens and what is recorded', async () => {
    await show()
    expect(textOf('.header')).toContain('Open bench')
    expect(textOf('.header')).toContain('TCP 1883 listening')
    expect(textOf('.header')).toContain('WebSocket 8083 failed')
    expect(textOf('.header')).toContain('recording 1,000 packets')
    expect(textOf('.navigation')).toContain('Packets1k')
  })

  it('shows losses only when there are any', async () => {
    await show()
    expect(textOf('.footer')).not.toContain('not recorded')
    act(() => host.setCapture({ lostFrames: 3, droppedRows: 12_000 }))
    expect(textOf('.footer')).toContain('3 frames not recorded')
    expect(textOf('.footer')).toContain('12,000 oldest dropped')
  })

  it('keeps what it shows when the link is lost, and says so', async () => {
    await show()
    await press('g')
    await press('p')
    act(() => host.setLink('lost'))
    expect(textOf('.link-bar')).toContain('reconnecting')
    expect(document.querySelectorAll('.packet[data-index]').length).toBeGreaterThan(10)
    act(() => host.setLink('connected'))
    expect(document.querySelector('.link-bar')).toBeNull()
  })

  it('pauses and resumes from the header', async () => {
    await show()
    await click(
      [...document.querySelectorAll('.chip')].find((chip) => chip.textContent?.startsWith('recording'))!,
    )
    expect(host.capture.recording).toBe(false)
    expect(textOf('.header')).toContain('paused')
  })

  it('follows the chosen theme', async () => {
    await show()
    act(() => model.settings.getState().set({ theme: 'light' }))
    expect(document.documentElement.dataset['theme']).toBe('light')
  })
})

describe('keyboard', () => {
  it('goes through list, detail and back without a mouse', async () => {
    await show()
    await press('g')
    await press('p')
    await press('Home')
    await press('j')
    await press('j')
    expect(textOf('.packet[aria-selected=true]')).toContain('SUBSCRIBE')
    act(() => find('#packets-list').focus())
    await press('Enter')
    await until(() => expect(document.activeElement?.id).toBe('packet-tree'))
    await settle()
    expect(find('.tree-line[aria-selected=true]').textContent).toContain('MQTT SUBSCRIBE')
    await press('ArrowDown')
    await press('ArrowLeft')
    expect(find('.tree-line[aria-selected=true]').getAttribute('aria-expanded')).toBe('false')
    await press('Escape')
    expect(document.activeElement?.id).toBe('packets-list')
    await press('Escape')
    expect(document.querySelector('.detail')).toBeNull()
  })

  it('leaves letters to the filter and takes them back after Enter', async () => {
    await show()
    await press('g')
    await press('p')
    act(() => find('#packets-filter').focus())
    typeInto(find<HTMLInputElement>('#packets-filter'), 'subscribe')
    await press('j')
    expect(model.packets.current().list.getState().cursor).toBeUndefined()
    await press('Enter')
    await settle()
    expect(document.activeElement?.id).toBe('packets-list')
    expect(textOf('.found')).toMatch(/^\d[\d,]* of 1,000$/)
    await press('j')
    expect(model.packets.current().list.getState().cursor).toBeDefined()
  })

  it('finds and runs a command by a few letters', async () => {
    await show()
    await press('k', { ctrlKey: true })
    typeInto(find<HTMLInputElement>('.palette-input'), 'ligth'.slice(0, 4))
    await press('Enter')
    expect(model.settings.getState().theme).toBe('light')
    expect(document.querySelector('.palette-input')).toBeNull()
  })

  it('lists every key on its sheet', async () => {
    await show()
    await press('?')
    expect(textOf('.keys-sheet')).toContain('Next marked packet')
  })
})

describe('packets', () => {
  beforeEach(async () => {
    await show()
    act(() => model.goTo('packets'))
    await settle()
  })
  const select = async (index: number) => {
    act(() => model.packets.current().list.getState().select(index))
    await settle()
  }

  it('shows the notes of the bench with rule and reason code', async () => {
    const noted = Array.from({ length: 1000 }, (_, index) => index)
    for (const index of noted) {
      const detail = await host.call('packets.get', { capture: 'live', no: index + 1 })
      if (!detail.ok || detail.value.row.verdict !== 'refused') continue
      await select(index)
      expect(textOf('.remark')).toMatch(/^Refused: The topic name .*\(rule strict, reason code 0x90\)$/)
      return
    }
    expect.fail('the generated packets hold no refused one')
  })

  it('marks the bytes of a field and finds the field of a byte', async () => {
    await select(4)
    const topic = [...document.querySelectorAll('.tree-line')].find((line) =>
      line.textContent?.startsWith('Topic Name'),
    )
    act(() => void topic?.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, button: 0 })))
    expect(document.querySelectorAll('.hex .is-marked').length).toBe(43)
    expect(textOf('.bytes-foot')).toContain('Topic Name: offset 0x3 (3), 43 bytes')
    const byte = find('.hex [data-offset="0"]')
    act(() => void byte.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, button: 0 })))
    expect(textOf('.tree-line[aria-selected=true]')).toContain('Packet type: PUBLISH')
  })

  it('says when the packet shown was dropped', async () => {
    await select(990)
    act(() => host.drop(995))
    await until(() => expect(textOf('.detail')).toContain('Packet 991 is no longer in the capture'))
  })

  it('offers to follow again and counts what came', async () => {
    await select(500)
    act(() => host.grow(42))
    await settle()
    expect(textOf('.follow')).toContain('42 new')
    await click(find('.follow'))
    expect(find('.follow').getAttribute('aria-pressed')).toBe('true')
    expect(model.packets.current().list.getState().follow).toBe(true)
  })

  it('tells why a list is empty and what to do', async () => {
    act(() => model.packets.current().setFilter('nothing-has-this', true))
    await settle()
    expect(textOf('.empty')).toContain('None of 1,000 packets')
    await click(button('Clear the filter'))
    await click(button('Clear'))
    expect(host.capture.rows).toBe(1000)
    await click(button('Clear 1,000 packets?'))
    expect(textOf('.empty')).toContain('as soon as one connects')
  })
})

describe('devices', () => {
  it('shows the facts of a device and its packets', async () => {
    await show()
    act(() => model.goTo('devices'))
    await settle()
    await press('j')
    expect(textOf('.device-detail')).toContain('kept twice, as it was sent')
    expect(textOf('.device-detail')).toContain('oktopus/usp/v1/broadcast/#')
    await click(button('Show its packets'))
    expect(model.frame.getState().place).toBe('packets')
    expect(model.packets.current().list.getState().params.filter).toBe(
      `device == "${model.devices.getState().endpointId}"`,
    )
  })

  it('invites when there is none', async () => {
    await show({ devices: 0 })
    act(() => model.goTo('devices'))
    await settle()
    expect(textOf('.empty')).toContain('None has connected yet')
  })
})

describe('bench', () => {
  it('moves a listener only to a port there is, and shows why it failed', async () => {
    await show()
    const port = find<HTMLInputElement>('input[aria-label="Port of TCP 1883"]')
    typeInto(port, '70000')
    expect(port.getAttribute('aria-invalid')).toBe('true')
    expect((button('Move') as HTMLButtonElement).disabled).toBe(true)
    typeInto(port, '1884')
    host.errors.set('listeners.set', 'Port 1884 is taken by another program.')
    await click(button('Move'))
    expect(host.calls.at(-1)).toEqual({ name: 'listeners.set', request: { transport: 'tcp', port: 1884 } })
    expect(textOf('.listener [role=alert]')).toBe('Port 1884 is taken by another program.')
  })

  it('writes the endpoint ID into the configuration', async () => {
    await show()
    typeInto(find<HTMLInputElement>('#attach-endpoint'), 'os::012345-CPE1')
    expect(textOf('.code')).toContain('oktopus/usp/v1/agent/os::012345-CPE1')
    typeInto(find<HTMLInputElement>('#attach-endpoint'), 'os::#')
    expect(textOf('#attach-problem')).toContain('may not hold #')
  })

  it('says what to do while nothing ever connected', async () => {
    await show({ devices: 0 })
    expect(textOf('.next-step')).toContain('No device has connected yet')
  })

  it('leads to the first device, and then stands aside', async () => {
    await show({ devices: 0 })
    act(() => host.setDevices(1))
    await settle()
    expect(textOf('.next-step')).toMatch(/^os::\S+ is connected: see how far it came/)
    act(() => host.setDevices(2))
    await settle()
    expect(document.querySelector('.next-step')).toBeNull()
    act(() => host.setDevices(1))
    await settle()
    await click(button('Go to the device'))
    expect(model.frame.getState().place).toBe('devices')
    await expect.poll(() => model.devices.getState().endpointId).toMatch(/^os::/)
  })

  it('dismisses a problem', async () => {
    await show()
    await click(button('Dismiss'))
    expect(document.querySelector('.problems')).toBeNull()
  })
})

describe('errors', () => {
  it('shows the error of a command with a way to copy it', async () => {
    await show()
    host.errors.set('packets.clear', 'The capture folder is read-only.')
    await act(() => model.run('packets.clear', undefined))
    expect(textOf('.notice')).toContain('The capture folder is read-only.')
    expect(find('.notice [aria-label="Copy error"]')).toBeDefined()
  })

  it('keeps the frame when a view cannot be drawn', async () => {
    await show()
    vi.spyOn(console, 'error').mockImplementation(() => {})
    act(() => model.goTo('packets'))
    await settle()
    const crash = {
      no: 1,
      get type(): string {
        throw new Error('a row without a type')
      },
    }
    act(() => model.packets.current().list.setState({ rows: [crash as never], from: 0, total: 1, top: 0 }))
    expect(textOf('.place')).toContain('This view could not be drawn: a row without a type')
    expect(textOf('.navigation')).toContain('Bench')
  })

  it('loads the page again when the files of a view are gone, for a second try would bring nothing', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const reload = vi.spyOn(location, 'reload').mockImplementation(() => {})
    const Gone = () => {
      throw new ViewNotLoaded('its files did not come from the bench')
    }
    await show()
    act(() =>
      root.render(
        <ErrorBoundary onError={() => {}}>
          <Gone />
        </ErrorBoundary>,
      ),
    )
    expect(textOf('[role=alert]')).toContain('its files did not come from the bench')
    await click(button('Load the page again'))
    expect(reload).toHaveBeenCalledOnce()
  })
})
