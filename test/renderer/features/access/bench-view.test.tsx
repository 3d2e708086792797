// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, expect, it, vi } from 'vitest'
import { createModel, ModelProvider, type Model } from '../../../../renderer/app/model.ts'
import { BenchView } from '../../../../renderer/features/bench/bench-view.tsx'
import type { AccessState } from '../../../../shared/contract/access.ts'
import { fail } from '../../../../shared/contract/result.ts'
import { fakeBench } from '../../fake-host.ts'
import { MemoryStorage } from '../../memory-storage.ts'
import { accessState, device, FakeAccess, knock } from './fake-access.ts'

// A canvas is drawn by no test environment.
vi.mock('../../../../renderer/features/bench/chart.tsx', () => ({ Chart: () => null }))

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

let host: FakeAccess
let model: Model
let root: Root

const settle = () => act(async () => void (await new Promise((resolve) => setTimeout(resolve))))
const text = () => document.body.textContent
const press = async (title: string) => {
  const button = [...document.querySelectorAll('button')].find((one) => one.textContent === title)
  act(() => (button ?? expect.fail(`no button ${title}`)).click())
  await settle()
}

async function show(change: Partial<AccessState>): Promise<void> {
  host = new FakeAccess(accessState(change))
  model = createModel(host, new MemoryStorage(), async () => fail('unavailable', 'No upload here.'))
  model.live.setState({ bench: { ...fakeBench(), open: change.open === true } })
  root = createRoot(document.body.appendChild(document.createElement('div')))
  act(() =>
    root.render(
      <ModelProvider value={model}>
        <BenchView />
      </ModelProvider>,
    ),
  )
  await settle()
}
afterEach(() => {
  act(() => root.unmount())
  model.close()
  document.body.replaceChildren()
})

it('says why the bench is open, and closes it', async () => {
  await show({ open: true })
  expect(text()).toContain('This bench is open, because it was switched so')
  expect(text()).not.toContain('This bench lets in whom it knows')
  await press('Close it')
  expect(host.requests('access.setOpen')).toEqual([{ open: false }])
})

it('tells before anybody knocked that a refused device would stand here', async () => {
  await show({})
  expect(text()).toContain('a device that is refused knocks here, and one click admits it')
  expect(text()).not.toContain('refused at the door')
})

it('admits who knocks, and shows the way where that is not possible', async () => {
  const { admit: _, ...nobody } = knock({ id: 10, who: { ...device, username: undefined } })
  await show({ denials: [knock(), nobody] })
  expect(text()).toContain('refused at the door')
  await press('Admit')
  expect(host.requests('access.admit')).toEqual([{ id: 9 }])
  await press('Why?')
  expect(model.frame.getState().overlay).toBe('doctor')
  expect(model.doctor.getState().subject).toEqual({ endpointId: nobody.who.endpointId })
})

it('shows a few knocks and says how many more there are', async () => {
  await show({ denials: Array.from({ length: 8 }, (_, id) => knock({ id })) })
  expect(document.querySelectorAll('.knocks li')).toHaveLength(5)
  expect(text()).toContain('3 more, and every denial')
})
