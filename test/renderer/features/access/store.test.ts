import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLive, type LiveStore } from '../../../../renderer/app/live.ts'
import { createNotices, type NoticesStore } from '../../../../renderer/app/notices.ts'
import { createAccess, isOvertaken, type AccessModel } from '../../../../renderer/features/access/store.ts'
import { checkAcl } from '../../../../shared/acl/parse.ts'
import { accessState, denial, FakeAccess, knock, manyRules } from './fake-access.ts'

let host: FakeAccess
let live: LiveStore
let notices: NoticesStore
let access: AccessModel

function start(state = accessState()): void {
  host = new FakeAccess(state)
  live = createLive(host)
  notices = createNotices()
  access = createAccess(host, live, notices)
}
beforeEach(() => start(accessState({ list: { version: 3, rules: manyRules(4) } })))
afterEach(() => {
  access.close()
  live.close()
})

const ids = () => access.rules().map(({ id }) => id)
const draft = () => access.getState().draft
const rename = (id: string, name: string) => access.update(id, (rule) => ({ ...rule, name }), 'name')
const said = () => notices.getState().notices.map(({ text }) => text)

describe('editing', () => {
  it('begins a draft at the first edit and leaves the list in force alone', () => {
    expect(draft()).toBeUndefined()
    rename('rule-1', 'other')
    expect(access.rules()[1]?.name).toBe('other')
    expect(host.state.list.rules[1]?.name).toBe('Rule number 1')
    expect(access.difference().count).toBe(1)
    access.undo()
    expect(access.difference().count).toBe(0)
    access.redo()
    expect(access.rules()[1]?.name).toBe('other')
  })

  it('adds after the rule under the cursor, duplicates and deletes', () => {
    access.select('rule-1')
    access.add()
    expect(ids()).toEqual(['rule-0', 'rule-1', 'rule', 'rule-2', 'rule-3'])
    expect(access.getState().rule).toBe('rule')
    access.duplicate('rule-0')
    expect(ids()[1]).toBe('rule-0-2')
    access.remove('rule-3')
    expect(ids().at(-1)).toBe('rule-2')
    expect(access.getState().rule).toBe('rule-2')
    for (let step = 0; step < 3; step++) access.undo()
    expect(access.difference().count).toBe(0)
  })

  it('moves by keys and by drop, and not beyond the ends', () => {
    access.moveBy('rule-1', 1)
    expect(ids()).toEqual(['rule-0', 'rule-2', 'rule-1', 'rule-3'])
    access.moveBy('rule-1', -1)
    access.moveBy('rule-1', -1)
    access.moveBy('rule-1', -1)
    expect(ids()[0]).toBe('rule-1')
    access.move('rule-1', 4)
    expect(ids().at(-1)).toBe('rule-1')
    expect(draft()?.past).toHaveLength(4)
  })

  it('finds rules that do nothing a moment after an edit', async () => {
    access.duplicate('rule-0')
    await expect.poll(() => access.getState().findings?.map(({ kind }) => kind)).toEqual(['duplicate'])
    access.discard()
    expect(access.getState().findings).toBeUndefined()
    expect(draft()).toBeUndefined()
  })

  it('takes another list instead of the rules or after them', () => {
    access.take(manyRules(2), 'append')
    expect(ids().slice(4)).toEqual(['rule-0-2', 'rule-1-2'])
    access.take(manyRules(1), 'replace')
    expect(ids()).toEqual(['rule-0'])
  })
})

describe('saving', () => {
  it('puts the draft in force and tells what was taken away', async () => {
    host.takenAway = [{ endpointId: 'os::1', filter: 'lab/#' }]
    rename('rule-0', 'other')
    expect(await access.save('why')).toBe(true)
    const [request] = host.requests('access.rules.save') as [{ list: unknown; basedOn: number; note: string }]
    expect(request).toMatchObject({ basedOn: 3, note: 'why' })
    expect(checkAcl(request.list).ok).toBe(true)
    expect(access.getState().saved).toEqual({ version: 4, takenAway: host.takenAway })
    expect(draft()).toBeUndefined()
    expect(access.rules()[0]?.name).toBe('other')
  })

  it('shows what was saved until the bench tells the new list', async () => {
    host.tellsSaves = false
    rename('rule-0', 'other')
    await access.save('')
    expect(access.rules()[0]?.name).toBe('other')
    expect(access.difference().count).toBe(0)
    host.tell({})
    expect(draft()).toBeUndefined()
    expect(access.rules()[0]?.name).toBe('other')
  })

  it('does not save rules with faults', async () => {
    access.update('rule-0', (rule) => ({ ...rule, topic: 'a/#/b' }))
    expect(await access.save('')).toBe(false)
    expect(host.requests('access.rules.save')).toEqual([])
  })

  it('keeps the draft on an error, and says it', async () => {
    host.errors.set('access.rules.save', { code: 'unavailable', message: 'acl.json cannot be written.' })
    rename('rule-0', 'other')
    expect(await access.save('')).toBe(false)
    expect(access.getState().saveError?.message).toContain('acl.json')
    expect(access.difference().count).toBe(1)
  })
})

describe('somebody else changes the rules', () => {
  it('follows them when nothing was edited', () => {
    rename('rule-0', 'other')
    access.undo()
    host.changeList(manyRules(2))
    expect(draft()).toBeUndefined()
    expect(ids()).toHaveLength(2)
  })

  it('keeps an edited draft, refuses to save over them by chance, and saves when told so', async () => {
    rename('rule-0', 'other')
    host.changeList(manyRules(2))
    expect(isOvertaken(draft(), host.state.list.version)).toBe(true)
    expect(await access.save('')).toBe(false)
    expect(access.getState().saveError?.code).toBe('conflict')
    access.rebase()
    expect(isOvertaken(draft(), host.state.list.version)).toBe(false)
    expect(await access.save('')).toBe(true)
    expect(host.state.list).toMatchObject({ version: 5, rules: { length: 4 } })
  })
})

describe('denials', () => {
  it('makes a rule of one and shows it', () => {
    access.open('denials')
    access.allow(denial())
    const { tab, rule } = access.getState()
    expect(tab).toBe('rules')
    expect(access.rules().find(({ id }) => id === rule)?.topic).toBe('lab/telemetry/${endpoint}')
  })

  it('says why it makes none', () => {
    access.allow(knock())
    expect(draft()).toBeUndefined()
    expect(said().join()).toContain('admitted under Knocking')
  })

  it('admits, and says what happened', async () => {
    await access.admit(knock())
    expect(host.requests('access.admit')).toEqual([{ id: 9 }])
    expect(said()).toEqual(['Done: add the user os::00256D-A1F3. It is let in when it tries again.'])
    host.errors.set('access.admit', { code: 'not-found', message: 'This knock can no longer be admitted.' })
    await access.admit(knock())
    expect(said().at(-1)).toContain('can no longer')
  })

  it('forgets one', async () => {
    host.tell({ denials: [denial()] })
    await access.forget(1)
    expect(live.getState().access?.denials).toEqual([])
  })
})

describe('users', () => {
  it('are read when they are looked at, and again when access changed', async () => {
    host.tell({})
    expect(host.requests('access.users')).toEqual([])
    access.open('users')
    host.tell({})
    await expect.poll(() => access.getState().users).toHaveLength(1)
    expect(host.requests('access.users')).toHaveLength(2)
  })

  it('say why they could not be read', async () => {
    host.errors.set('access.users', { code: 'failed', message: 'No.' })
    await access.loadUsers()
    expect(access.getState().usersError?.message).toBe('No.')
  })
})
