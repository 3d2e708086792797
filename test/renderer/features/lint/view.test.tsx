// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createModel, ModelProvider, type Model } from '../../../../renderer/app/model.ts'
import { DeviceFindings } from '../../../../renderer/features/lint/device-findings.tsx'
import { LintView } from '../../../../renderer/features/lint/lint-view.tsx'
import { all, button, click, find, press, settle, textOf } from '../../app/screen.ts'
import { fakeGroup } from '../../fake-findings.ts'
import { FakeHost } from '../../fake-host.ts'
import { MemoryStorage } from '../../memory-storage.ts'
import { noUpload } from '../../no-upload.ts'

const A = 'os::012345-A'
const B = 'os::012345-B'
const contentType = fakeGroup('content-type', A, { more: 5 })
const groups = [contentType, fakeGroup('response-topic', A), fakeGroup('content-type', B)]

let host: FakeHost
let model: Model
let root: Root

beforeEach(() => {
  // The height a test environment does not lay out.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(222)
  host = new FakeHost({ packets: 20 })
})
afterEach(() => {
  act(() => root.unmount())
  model.close()
  document.body.replaceChildren()
})

async function show(view = <LintView />): Promise<void> {
  model = createModel(host, new MemoryStorage(), noUpload)
  root = createRoot(document.body.appendChild(document.createElement('div')))
  act(() => root.render(<ModelProvider value={model}>{view}</ModelProvider>))
  await settle()
}

const rows = () => all('.lint-list tbody tr:not(.lint-device)')
const row = (rule: string) =>
  rows().find((one) => one.textContent?.includes(rule)) ?? expect.fail(`no row of ${rule}`)

describe('the findings view', () => {
  it('says what it does while there is nothing, and has nothing to export', async () => {
    host.findings.set([], { checked: 1234 })
    await show()
    expect(textOf('.empty')).toMatch(/Nothing was found in 1,234 packets.*checked against \d+ rules/)
    expect(button('Export').disabled).toBe(true)
  })

  it('says why it has nothing to show', async () => {
    host.errors.set('lint.summary', 'The capture is still being read.')
    await show()
    expect(textOf('.empty')).toBe('The capture is still being read.')
  })

  it('has a line for each rule and device, under the device, with sums of all', async () => {
    host.findings.set(groups, { skipped: 40, unlisted: 3 })
    await show()
    expect(all('.lint-device').map(({ textContent }) => textContent)).toEqual([A, B])
    expect(row('Content Type').textContent).toContain('R-MQTT.27')
    expect(textOf('.filter-bar')).toContain('11 errors')
    expect(textOf('.filter-bar')).toContain('100 packets checked')
    expect(textOf('.filter-bar')).toContain('40 gone before they were checked')
    expect(textOf('.filter-bar')).toContain('3 kinds of findings not listed')
  })

  it('says how far the linter is while packets wait, and looks again until none does', async () => {
    host.findings.set(groups, { checked: 276, waiting: 232 })
    await show()
    expect(textOf('.filter-bar')).toContain('276 of 508 packets checked so far')
    expect(find<HTMLProgressElement>('.filter-bar progress').value).toBeCloseTo(276 / 508)
    host.findings.set(groups, { checked: 508, waiting: 0 })
    const looks = () => host.calls.filter(({ name }) => name === 'lint.summary').length
    const before = looks()
    await act(() => expect.poll(looks).toBe(before + 1))
    await settle()
    expect(textOf('.filter-bar')).not.toContain('so far')
    expect(textOf('.filter-bar')).toContain('508 packets checked')
    expect(all('.filter-bar progress')).toEqual([])
  })

  it('gives the list the whole width until a finding is chosen, and again when it is closed', async () => {
    host.findings.set(groups)
    await show()
    expect(all('.lint-detail, .split-bar')).toEqual([])
    await click(row('Response Topic'))
    expect(all('.lint-detail, .split-bar')).toHaveLength(2)
    await click(button('Close the finding'))
    expect(all('.lint-detail, .split-bar')).toEqual([])
    find('.lint-list').focus()
    await press('j')
    expect(all('.lint-detail')).toHaveLength(1)
    await press('Escape')
    expect(all('.lint-detail')).toEqual([])
  })

  it('shows requirement, what was expected, remedy and packets of the line chosen, by keys too', async () => {
    host.findings.set(groups)
    await show()
    find('.lint-list').focus()
    await press('j')
    expect(textOf('.lint-detail')).toContain('The Content Type of a PUBLISH with a Record is usp.msg.')
    expect(textOf('.lint-detail')).toContain('and 5 more of the same')
    await press('ArrowDown')
    expect(textOf('.lint-detail h2')).toBe('PUBLISH without Response Topic')
    expect(textOf('.remedy')).toContain('ResponseTopicConfigured')
    expect(all('.lint-findings .lint-link').map(({ textContent }) => textContent)).toEqual(['#3', '#9'])
    await press('End')
    expect(find('[aria-selected=true]').closest('tbody')?.textContent).toContain(B)
  })

  it('goes to a packet, and to all packets of a rule', async () => {
    host.findings.set(groups)
    await show()
    await click(row('Response Topic'))
    await click(button('#9'))
    expect(model.frame.getState().place).toBe('packets')
    expect(model.packets.current().list.getState().cursor?.key).toBe(9)
    await click(button('Show in Packets'))
    expect(model.packets.current().getState().filter).toBe('lint.rule == "response-topic"')
  })

  it('hides a rule that is suppressed, says so, and shows it again', async () => {
    host.findings.set(groups)
    await show()
    await click(row('Response Topic'))
    await click(button('Suppress this rule'))
    expect(rows()).toHaveLength(2)
    expect(textOf('.lint-hidden')).toContain('Show 1 suppressed rule')
    await click(find('.lint-hidden input'))
    expect(row('Response Topic').textContent).toContain('(suppressed)')
    await click(row('Response Topic'))
    await click(button('Show this rule again'))
    expect(all('.lint-hidden')).toEqual([])
  })

  it('tells an error of the bench when a rule cannot be suppressed', async () => {
    host.findings.set(groups)
    host.errors.set('lint.suppress', 'The workspace cannot be written.')
    await show()
    await click(row('Response Topic'))
    await click(button('Suppress this rule'))
    expect(JSON.stringify(model.notices.getState())).toContain('The workspace cannot be written.')
    expect(rows()).toHaveLength(3)
  })

  it('exports what was found in a format', async () => {
    host.findings.set(groups)
    await show()
    await click(button('Export'))
    expect(all('.menu-group')).toHaveLength(1)
    await click(all('[role=menuitem]').find((item) => item.textContent === 'JUnit XML') ?? expect.fail())
    expect(host.calls).toContainEqual({ name: 'lint.export', request: { capture: 'live', format: 'junit' } })
    expect(model.captures.getState().trayOpen).toBe(true)
  })

  it('exports those of the device in front alone, or of the packets that are filtered', async () => {
    host.findings.set(groups)
    await show()
    act(() => model.packets.current().setFilter('mqtt.qos == 0', true))
    await settle()
    await click(row('Response Topic'))
    const choose = async (part: string) => {
      await click(button('Export'))
      const group = all('.menu-group').find(({ textContent }) => textContent?.includes(part))
      const item = group?.nextElementSibling
      await click(item instanceof HTMLElement ? item : expect.fail(`nothing of ${part}`))
    }
    await choose(A)
    await choose('mqtt.qos')
    const asked = host.calls.filter(({ name }) => name === 'lint.export').map(({ request }) => request)
    expect(asked).toEqual([
      { capture: 'live', format: 'html', endpoint: A },
      { capture: 'live', format: 'html', filter: 'mqtt.qos == 0' },
    ])
  })

  it('looks again when the capture has other findings', async () => {
    await show()
    host.findings.set(groups)
    act(() => host.setCapture({ findings: { error: 11, warning: 0, note: 0 } }))
    await settle()
    expect(rows()).toHaveLength(3)
  })
})

describe('findings of a device', () => {
  const counts = { error: 9, warning: 0, note: 0 }

  it('are the worst, with remedy, and lead to the findings view with this device alone', async () => {
    host.findings.set(groups)
    await show(<DeviceFindings endpointId={A} counts={counts} />)
    expect(all('.device-findings li')).toHaveLength(2)
    expect(textOf('.device-findings')).toContain('ResponseTopicConfigured')
    await click(button('Show in Findings'))
    expect(model.frame.getState().place).toBe('lint')
    expect(model.lint.getState()).toMatchObject({ endpoint: A, capture: 'live' })
    act(() => root.unmount())
    root = createRoot(document.body.appendChild(document.createElement('div')))
    act(() =>
      root.render(
        <ModelProvider value={model}>
          <LintView />
        </ModelProvider>,
      ),
    )
    await settle()
    expect(all('.lint-device').map(({ textContent }) => textContent)).toEqual([A])
    await click(button(A))
    expect(all('.lint-device').map(({ textContent }) => textContent)).toEqual([A, B])
  })

  it('leave out rules that are suppressed', async () => {
    host.findings.set([{ ...contentType, suppressed: true }, fakeGroup('response-topic', A)])
    await show(<DeviceFindings endpointId={A} counts={counts} />)
    expect(all('.device-findings li')).toHaveLength(1)
  })

  it('are none, in words, where there are none', async () => {
    await show(<DeviceFindings endpointId={A} counts={undefined} />)
    expect(document.body.textContent).toContain('None.')
    expect(host.calls.filter(({ name }) => name === 'lint.summary')).toEqual([])
  })
})
