// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { App } from '../../../../renderer/app/app.tsx'
import { createModel, type Model } from '../../../../renderer/app/model.ts'
import type { AccessState } from '../../../../shared/contract/access.ts'
import { fail } from '../../../../shared/contract/result.ts'
import { settle } from '../../app/screen.ts'
import { MemoryStorage } from '../../memory-storage.ts'
import { accessState, denial, device, FakeAccess, knock, manyRules } from './fake-access.ts'

let host: FakeAccess
let model: Model
let root: Root

async function show(change: Partial<AccessState> = {}): Promise<void> {
  host = new FakeAccess(accessState(change))
  model = createModel(host, new MemoryStorage(), async () => fail('unavailable', 'No upload here.'))
  model.goTo('access')
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

function find<E extends Element = HTMLElement>(selector: string): E {
  return document.querySelector<E>(selector) ?? expect.fail(`nothing matches ${selector}`)
}
const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)]
const textOf = (selector: string) => find(selector).textContent
const rowsOf = (id: string) => all(`#${id} [role=row]`).slice(1)
const named = (role: string, name: string) =>
  all(role).find(
    (candidate) => candidate.textContent?.trim() === name || candidate.getAttribute('aria-label') === name,
  ) ?? expect.fail(`no ${role} is called ${name}`)
const button = (name: string) => named('button', name)
const click = async (element: Element) => {
  act(() => (element as HTMLElement).click())
  await settle()
}
const choose = async (row: Element) => {
  act(() => void row.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, button: 0 })))
  await settle()
}
const tab = async (name: string) =>
  click(all('[role=tab]').find((one) => one.textContent?.startsWith(name)) ?? expect.fail(`no tab ${name}`))
async function press(target: Element, key: string, more: KeyboardEventInit = {}): Promise<void> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
  act(() => void target.dispatchEvent(event))
  await settle()
}
/** The field beside a label. */
const field = <E extends HTMLElement = HTMLInputElement>(label: string): E => {
  const { htmlFor } = named('label', label) as HTMLLabelElement
  return (document.getElementById(htmlFor) as E | null) ?? expect.fail(`nothing is labelled ${label}`)
}
const typeInto = async (input: HTMLElement, text: string) => {
  const kind = input instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement
  act(() => {
    // React listens to the native setter of the value.
    Object.getOwnPropertyDescriptor(kind.prototype, 'value')?.set?.call(input, text)
    input.dispatchEvent(new Event('input', { bubbles: true }))
  })
  await settle()
}

describe('rules', () => {
  it('stand in order, in words, with their hits and marks', async () => {
    await show({
      list: { version: 1, rules: [...manyRules(2), { ...manyRules(1)[0]!, id: 'twin', name: 'Twin' }] },
    })
    const rows = rowsOf('access-rules').map((row) => row.textContent)
    expect(rows).toHaveLength(3)
    expect(rows[0]).toContain('1alloweverybodypublishlab/0/${endpoint}Rule number 0')
    expect(rows[2]).toContain('duplicate')
    await choose(rowsOf('access-rules')[2]!)
    expect(textOf('.access-remark')).toContain('It says the same as rule 1 "Rule number 0".')
  })

  it('draws only what is seen of a thousand', async () => {
    await show({ list: { version: 1, rules: manyRules(1000) }, findings: [] })
    expect(find('#access-rules').getAttribute('aria-rowcount')).toBe('1001')
    expect(rowsOf('access-rules').length).toBeLessThan(40)
    await choose(rowsOf('access-rules')[0]!)
    await press(find('#access-rules'), 'End')
    expect(textOf('#access-rules [aria-selected=true]')).toContain('Rule number 999')
  })

  it('are edited in place, and a field says what is wrong with it', async () => {
    await show()
    await choose(rowsOf('access-rules')[5]!)
    await typeInto(field('Topic filter'), 'lab/#/x')
    expect(field('Topic filter').getAttribute('aria-invalid')).toBe('true')
    expect(textOf('.field-fault')).toContain('#')
    expect(textOf('#access-rules [aria-selected=true]')).toContain('error')
    expect(textOf('.access-bar')).toContain('1 edit not saved')
    expect(button('Show the error')).toBeDefined()
    await press(document.body, 's', { ctrlKey: true })
    expect(textOf('.dialog')).toContain('Rule 6 has an error')
    expect((button('Put in force') as HTMLButtonElement).disabled).toBe(true)
    await click(button('Cancel'))
    await typeInto(field('Topic filter'), 'lab/x')
    expect(document.querySelector('.field-fault')).toBeNull()
    await press(document.body, 'z', { ctrlKey: true })
    expect(document.querySelector('.access-bar')?.textContent).not.toContain('not saved')
    await press(document.body, 'Z', { ctrlKey: true, shiftKey: true })
    expect(textOf('.access-bar')).toContain('1 edit not saved')
  })

  it('are moved and deleted by keys in the list', async () => {
    await show({ list: { version: 1, rules: manyRules(3) } })
    const list = find('#access-rules')
    await choose(rowsOf('access-rules')[0]!)
    await press(list, 'ArrowDown', { altKey: true })
    expect(model.access.rules().map(({ id }) => id)).toEqual(['rule-1', 'rule-0', 'rule-2'])
    await press(list, 'ArrowDown')
    await press(list, 'Delete')
    expect(model.access.rules().map(({ id }) => id)).toEqual(['rule-1', 'rule-0'])
  })

  it('are saved with a note, and what was taken away is told', async () => {
    await show()
    host.takenAway = [{ endpointId: 'os::1', filter: 'lab/#' }]
    await choose(rowsOf('access-rules')[0]!)
    await click(find('[role=switch][aria-label="Rule in use"]'))
    await press(document.body, 's', { ctrlKey: true })
    expect(textOf('.save-changes')).toContain('rule 1 "The controller may do everything"')
    await typeInto(find<HTMLTextAreaElement>('.dialog textarea'), 'a test')
    await click(button('Put in force'))
    expect(host.requests('access.rules.save')).toMatchObject([{ note: 'a test', basedOn: 3 }])
    expect(document.querySelector('.dialog')).toBeNull()
    expect(textOf('.access-note')).toContain(
      '1 live subscription that it does not allow was taken away:os::1 lab/#',
    )
  })

  it('are not saved over those of somebody else without asking', async () => {
    await show()
    await choose(rowsOf('access-rules')[0]!)
    await typeInto(field('Name'), 'mine')
    act(() => host.changeList(manyRules(2)))
    expect(textOf('.access-note')).toContain('version 4 is in force, your edits began with 3')
    await click(button('Save…'))
    expect((button('Put in force') as HTMLButtonElement).disabled).toBe(true)
  })

  it('have a history to look at and to go back to', async () => {
    await show()
    await click(button('History…'))
    await choose(rowsOf('access-versions')[1]!)
    expect(textOf('.history-caption')).toContain('version 2, 2 rules')
    await click(button('Take as draft'))
    expect(rowsOf('access-rules')).toHaveLength(2)
    expect(textOf('.access-bar')).toContain('not saved')
  })

  it('say what would stand there when there are none', async () => {
    await show({ list: { version: 1, rules: [] } })
    expect(textOf('.access-pane')).toContain('whoever connects is denied everything')
    await click(button('New rule'))
    expect(rowsOf('access-rules')).toHaveLength(1)
  })
})

it('answers a question to the rules', async () => {
  await show()
  await tab('Ask')
  expect(textOf('.ask-view')).toContain('as soon as there is a topic')
  await click(button('a device'))
  await typeInto(field('Topic'), 'oktopus/usp/v1/controller/os::012345-CPE1')
  expect(textOf('.ask-verdict')).toMatch(/^Allowed\. Rule 7 "A device answers the controller" allows it\.$/)
  expect(rowsOf('access-passed')).toHaveLength(6)
  await typeInto(field('Topic'), 'oktopus/usp/v1/controller/os::other')
  expect(textOf('.ask-verdict')).toContain('Denied. No rule matches')
})

describe('denials', () => {
  it('say what would stand there', async () => {
    await show()
    await tab('Denials')
    expect(textOf('.denials')).toContain('A device that is refused at CONNECT stands here')
    expect(textOf('.denials')).toContain('Each message and subscription that the rules deny')
  })

  it('become rules with one click', async () => {
    await show({ denials: [denial()] })
    await tab('Denials')
    expect(textOf('#access-denials')).toContain('os::00256D-A1F3192.168.1.77publish')
    await click(button('Allow this'))
    expect(textOf('#access-rules [aria-selected=true]')).toContain('lab/telemetry/${endpoint}')
  })

  it('say who asked with which names, and that a device was not told', async () => {
    await show({ denials: [denial({ untold: true })] })
    await tab('Denials')
    await act(async () => model.access.setState({ denial: 1 }))
    expect(textOf('.denial-detail')).toContain('user os::00256D-A1F3 · client cpe-7731')
    expect(textOf('.denial-detail')).toContain('The device was not told')
    expect(textOf('.denial-detail')).not.toContain('0x87')
  })

  it('offers no rule against a limit, which none could lift', async () => {
    await show({ denials: [denial({ cause: 'limit', reasonCode: 0x97 })] })
    await tab('Denials')
    await act(async () => model.access.setState({ denial: 1 }))
    expect(textOf('.denial-detail')).toContain('raise that limit')
    expect(all('.denials button').map((one) => one.textContent)).toEqual(['Forget'])
  })

  it('admit who knocked', async () => {
    const { admit: _, ...nobody } = knock({ id: 10, who: { ...device, username: undefined } })
    await show({ denials: [nobody, knock()] })
    await tab('Denials')
    expect(all('.knocks li').map((line) => line.textContent)[0]).toContain('192.168.1.77user os::00256D-A1F3')
    expect(all('.knocks button').map((one) => one.textContent)).toEqual([
      'Admit',
      'Forget',
      'Why?',
      'Forget',
      'Why?',
    ])
    expect(textOf('.knock-advice')).toContain('It gave no user name')
    await click(button('Admit'))
    expect(host.requests('access.admit')).toEqual([{ id: 9 }])
    expect(textOf('.notices')).toContain('Done: add the user os::00256D-A1F3')
  })

  it('say in sight that admitting changes a password, and only then', async () => {
    await show({ denials: [knock(), knock({ id: 11, cause: 'wrong-password' })] })
    await tab('Denials')
    expect(all('.knock-advice').map((line) => line.textContent)).toEqual([
      expect.stringContaining('changes the password of os::00256D-A1F3'),
    ])
    expect(find('.denials').classList).toContain('is-quiet')
  })

  it('tells of a message that was not handed over whose it was, and that neither side knows', async () => {
    const more = { action: 'deliver', untold: true, publisher: 'oktopusController' } as const
    await show({ denials: [denial(more)] })
    await tab('Denials')
    await act(async () => model.access.setState({ denial: 1 }))
    expect(textOf('.denial-detail')).toMatch(
      /was to receive .*, published by oktopusController, and was refused/,
    )
    expect(textOf('.denial-detail')).toContain('Neither side was told')
  })
})

describe('users', () => {
  const open = async () => {
    await show()
    await tab('Users')
  }
  const everything = () =>
    JSON.stringify([
      model.access.getState(),
      model.live.getState(),
      model.notices.getState(),
      model.settings.getState(),
    ])

  it('are listed with where they are kept', async () => {
    await open()
    expect(textOf('#access-users')).toContain('oktopusController the controllerin this workspace only')
  })

  it('are added with a password that is shown once and kept nowhere', async () => {
    await open()
    await click(button('Add user…'))
    await typeInto(field('User name'), 'os::1')
    await click(button('Add'))
    expect(textOf('.made-password')).toContain('shown-only-once')
    expect(everything()).not.toContain('shown-only-once')
    await click(button('Done'))
    expect(document.body.innerHTML).not.toContain('shown-only-once')
    await click(button('New password…'))
    expect(textOf('.dialog')).toContain('New password for os::1')
    expect(document.body.innerHTML).not.toContain('shown-only-once')
  })

  it('take a given password, which is sent and forgotten', async () => {
    await open()
    await click(button('Add user…'))
    await typeInto(field('User name'), 'os::2')
    await click(find('.dialog input[value=given]'))
    expect((button('Add') as HTMLButtonElement).disabled).toBe(true)
    await typeInto(find('input[type=password]'), 'a-given-one')
    await click(button('Add'))
    expect(host.requests('access.user.set')).toEqual([{ username: 'os::2', password: 'a-given-one' }])
    expect(document.querySelector('.dialog')).toBeNull()
    expect(everything()).not.toContain('a-given-one')
  })

  it('are not added twice', async () => {
    await open()
    await click(button('Add user…'))
    await typeInto(field('User name'), 'oktopusController')
    expect(textOf('.field-fault')).toContain('There is a user of this name')
    expect((button('Add') as HTMLButtonElement).disabled).toBe(true)
  })

  it('get endpoint IDs, and are removed after a second press', async () => {
    await open()
    await choose(rowsOf('access-users')[0]!)
    await click(button('Endpoint IDs…'))
    await typeInto(find('.dialog textarea'), ' os::7 \n\nos::8\nos::7')
    await click(button('Set'))
    expect(host.requests('access.user.endpoints')).toEqual([
      { username: 'oktopusController', endpoints: ['os::7', 'os::8'] },
    ])
    expect(textOf('#access-users')).toContain('os::7, os::8')
    await click(button('Remove'))
    expect(host.users).toHaveLength(1)
    await click(button('Remove oktopusController?'))
    expect(host.users).toEqual([])
    expect(textOf('.access')).toContain('nobody can connect')
  })
})

it('opens the bench with one switch, and says in red that it is open', async () => {
  await show()
  expect(textOf('.open-switch')).toContain('Closed')
  await click(find('.open-switch [role=switch]'))
  expect(textOf('.open-switch .bad')).toContain('whoever reaches a listener may do everything')
  expect(host.requests('access.setOpen')).toEqual([{ open: true }])
})

describe('NATS', () => {
  it('says that it is not needed, and how to get it', async () => {
    await show()
    act(() => model.goTo('nats'))
    await settle()
    expect(textOf('.nats')).toContain('Everything works without it')
    expect(textOf('.nats')).toContain('apt-get install nats-server')
    expect(textOf('.nats')).toContain('brew install nats-server')
  })

  it('says what waits for it', async () => {
    await show({
      nats: {
        server: 'external',
        connected: false,
        url: 'nats://10.0.0.9:4222',
        message: 'connection refused',
        credentials: 'away',
        pending: 2,
      },
    })
    act(() => model.goTo('nats'))
    await settle()
    expect(textOf('.header')).toContain('NATS away')
    expect(textOf('.nats')).toContain('as last known')
    expect(textOf('.nats')).toContain('2 changes, written as soon as NATS is there')
    expect(textOf('.nats')).toContain('connection refused')
    expect(textOf('.nats')).toContain('the bench keeps trying by itself')
    expect(textOf('.nats')).not.toContain('apt-get')
  })
})
