// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createModel, ModelProvider, type Model } from '../../../../renderer/app/model.ts'
import { LoginCard } from '../../../../renderer/features/nats/login-form.tsx'
import { Traffic } from '../../../../renderer/features/nats/traffic.tsx'
import { rangeWords, settingGroups, typedValue } from '../../../../renderer/features/settings/groups.ts'
import { SettingsView } from '../../../../renderer/features/settings/settings-view.tsx'
import type { NatsActivity } from '../../../../shared/contract/nats.ts'
import { fail, ok } from '../../../../shared/contract/result.ts'
import type { SettingInfo } from '../../../../shared/contract/settings.ts'
import { FakeHost } from '../../fake-host.ts'
import { MemoryStorage } from '../../memory-storage.ts'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

const info = (change: Partial<SettingInfo> & { name: string }): SettingInfo => ({
  kind: 'integer',
  description: 'how many',
  value: 1000,
  inForce: 1000,
  default: 1000,
  min: 1,
  max: 65_535,
  effect: 'start',
  given: false,
  flag: change.name.replaceAll('.', '-'),
  env: 'OKTOBENCH_X',
  ...change,
})

/** A host with settings, and with the login of NATS. */
class SettingsHost extends FakeHost {
  settings: SettingInfo[] = [
    info({ name: 'broker.inflight' }),
    info({
      name: 'access.open',
      kind: 'boolean',
      value: false,
      inForce: false,
      default: false,
      effect: 'now',
    }),
    info({ name: 'listeners.tcp.port', value: 1884, inForce: 1884, default: 1883, given: true }),
  ]
  override async call(...[name, request]: Parameters<FakeHost['call']>): ReturnType<FakeHost['call']> {
    const answer = super.call(name, request)
    if (name === 'settings.list') return ok([...this.settings] as never)
    if (name === 'nats.login') return ok(undefined as never)
    if (name !== 'settings.set') return answer
    const wish = request as { name: string; value: number }
    if (wish.value === 0)
      return fail('invalid-request', `${wish.name} must be a whole number from 1 to 65535.`)
    this.settings = this.settings.map((one) => (one.name === wish.name ? { ...one, value: wish.value } : one))
    return ok(undefined as never)
  }
}

let host: SettingsHost
let model: Model
let root: Root
const settle = () => act(async () => void (await new Promise((resolve) => setTimeout(resolve))))
beforeEach(async () => {
  host = new SettingsHost()
  model = createModel(host, new MemoryStorage(), async () => fail('unavailable', 'No uploads here.'))
  root = createRoot(document.body.appendChild(document.createElement('div')))
  act(() =>
    root.render(
      <ModelProvider value={model}>
        <SettingsView />
        <LoginCard />
        <Traffic />
      </ModelProvider>,
    ),
  )
  await settle()
})
afterEach(() => {
  act(() => root.unmount())
  model.close()
  document.body.replaceChildren()
})

const rowOf = (name: string): HTMLElement =>
  [...document.querySelectorAll<HTMLElement>('.setting')].find((row) => row.textContent?.includes(name)) ??
  expect.fail(`no setting ${name}`)
const type = async (input: Element | null, text: string) => {
  act(() => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(input, text)
    input?.dispatchEvent(new Event('input', { bubbles: true }))
  })
  await settle()
}
const press = async (element: Element | null, key: string) => {
  act(() => void element?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })))
  await settle()
}
const click = async (element: HTMLElement | null | undefined) => {
  act(() => element?.click())
  await settle()
}
const buttonOf = (within: ParentNode, title: string) =>
  [...within.querySelectorAll('button')].find(({ textContent }) => textContent === title)

describe('a setting in the view', () => {
  it('is kept with Enter, and waits for the next start', async () => {
    const input = rowOf('broker.inflight').querySelector('input')
    await type(input, '7')
    await press(input, 'Enter')
    expect(host.calls).toContainEqual({
      name: 'settings.set',
      request: { name: 'broker.inflight', value: 7 },
    })
    expect(rowOf('broker.inflight').textContent).toContain('In force until the next start: 1000')
    expect(document.querySelector('.settings-waiting')?.textContent).toContain('1 change waits')
  })

  it('tells beside the field what is wrong', async () => {
    const input = rowOf('broker.inflight').querySelector('input')
    await type(input, '0')
    await click(buttonOf(rowOf('broker.inflight'), 'Keep'))
    expect(rowOf('broker.inflight').querySelector('[role=alert]')?.textContent).toContain('from 1 to 65535')
    expect(input?.getAttribute('aria-invalid')).toBe('true')
    await type(input, 'many')
    await press(input, 'Enter')
    expect(rowOf('broker.inflight').querySelector('[role=alert]')?.textContent).toBe('must be a whole number')
    await press(input, 'Escape')
    expect(input?.value).toBe('1000')
  })

  it('is switched, and goes back to its default', async () => {
    await click(rowOf('access.open').querySelector<HTMLElement>('[role=switch]'))
    expect(host.calls).toContainEqual({ name: 'settings.set', request: { name: 'access.open', value: true } })
    expect(rowOf('listeners.tcp.port').textContent).toContain('wins at the next start')
    await click(buttonOf(rowOf('listeners.tcp.port'), 'Default'))
    expect(rowOf('listeners.tcp.port').querySelector('input')?.value).toBe('1883')
  })

  it('is found by its name, option and description', () => {
    const named = (filter: string) =>
      settingGroups(host.settings, filter).flatMap(({ settings }) => settings.map(({ name }) => name))
    expect(named('')).toEqual(['listeners.tcp.port', 'access.open', 'broker.inflight'])
    expect(named('--broker-in how MANY')).toEqual(['broker.inflight'])
    expect(named('nothing')).toEqual([])
  })

  it('says its default and its range', () => {
    expect(rangeWords(info({ name: 'a' }))).toBe('default 1,000, 1 to 65,535')
    expect(rangeWords(info({ name: 'a.port', default: 8883 }))).toBe('default 8883, 1 to 65535')
    expect(rangeWords(info({ name: 'a', kind: 'text', default: '' }))).toBe('default none')
    expect(typedValue(info({ name: 'a' }), ' 12 ')).toBe(12)
    expect(typedValue(info({ name: 'a' }), '1.5')).toBeUndefined()
  })
})

describe('NATS', () => {
  const activity = { login: { kind: 'user', user: 'bench', waits: true }, entries: [], dropped: 0 } as const
  const tell = (nats: NatsActivity) => act(async () => model.live.setState({ nats }))

  it('takes a login, and never shows what is secret', async () => {
    await tell(activity)
    const card = document.querySelector<HTMLElement>('.nats-login') ?? expect.fail('no form')
    expect(card.textContent).toContain('it holds from the next start')
    const [user, password] = card.querySelectorAll('input')
    expect(user?.value).toBe('bench')
    expect(password?.type).toBe('password')
    await type(password ?? null, 's3cret')
    await click(buttonOf(card, 'Keep the login'))
    const login = { kind: 'user', user: 'bench', password: 's3cret' }
    expect(host.calls).toContainEqual({ name: 'nats.login', request: { login } })
    expect(password?.value).toBe('')
  })

  it('lists what went over the buckets, newest first, and who did it', async () => {
    const entry = { time: 0, bucket: 'devices-auth', kind: 'put', revision: 1, size: 9, own: false } as const
    await tell({
      ...activity,
      dropped: 3,
      entries: [
        { ...entry, id: 4, key: 'first' },
        { ...entry, id: 5, key: 'second', writer: 'Bench 7' },
      ],
    })
    const rows = [...document.querySelectorAll('.nats-traffic tbody tr')].map((row) => row.textContent)
    expect(rows[0]).toMatch(/written.*second.*Bench 7/)
    expect(rows[1]).toMatch(/first.*another client/)
    expect(document.body.textContent).toContain('3 older entries no longer kept')
  })
})
