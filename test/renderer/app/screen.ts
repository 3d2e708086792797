/** What a person does and sees in a window drawn by happy-dom. */
import { act } from 'react'
import { expect } from 'vitest'

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true

let waiting = false
/**
 * React draws nothing any more after two calls of act() that overlap, and then it is the next test that fails: so a
 * helper that nobody awaited fails here, by its name.
 */
async function wait(ms: number): Promise<void> {
  if (waiting) throw new Error('Await what this test did before: it is still being drawn.')
  waiting = true
  try {
    await act(async () => void (await new Promise((resolve) => setTimeout(resolve, ms))))
  } finally {
    waiting = false
  }
}

/** Lets answers of the host and the code of a view come in and be drawn. */
export async function settle(): Promise<void> {
  do await wait(0)
  while (document.querySelector('.view-loading'))
}

/** Waits for what a timer or an animation frame brings. */
export async function until(check: () => void): Promise<void> {
  for (let turn = 0; ; turn++) {
    await wait(10)
    try {
      return check()
    } catch (error) {
      if (turn > 200) throw error
    }
  }
}

export function find<E extends Element = HTMLElement>(selector: string): E {
  return document.querySelector<E>(selector) ?? expect.fail(`nothing matches ${selector}`)
}
export const all = (selector: string) => [...document.querySelectorAll<HTMLElement>(selector)]
export const textOf = (selector: string) => find(selector).textContent ?? ''

/** By what it says, or by the name it has for a screen reader. */
export function button(name: string | RegExp): HTMLButtonElement {
  const found = [...document.querySelectorAll('button')].find((candidate) => {
    const names = [candidate.textContent?.trim() ?? '', candidate.getAttribute('aria-label') ?? '']
    return names.some((each) => (typeof name === 'string' ? each === name : name.test(each)))
  })
  return found ?? expect.fail(`no button is called ${name}`)
}
export const menuItem = (title: string) =>
  all('[role^=menuitem]').find((item) => item.textContent?.startsWith(title)) ??
  expect.fail(`the menu has no ${title}`)

/** A key on whatever has the focus. */
export async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  const target = document.activeElement ?? document.body
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
  act(() => void target.dispatchEvent(event))
  await settle()
}
/** Puts a text into a field as if it had been typed, the caret at its end. */
export async function type(selector: string, text: string): Promise<void> {
  const input = find<HTMLInputElement | HTMLTextAreaElement>(selector)
  const own = input instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement
  act(() => {
    input.focus()
    // React listens to the native setter of the value.
    Object.getOwnPropertyDescriptor(own.prototype, 'value')?.set?.call(input, text)
    input.setSelectionRange(text.length, text.length)
    input.dispatchEvent(new Event('input', { bubbles: true }))
  })
  await settle()
}
export async function click(element: Element): Promise<void> {
  act(() => (element as HTMLElement).click())
  await settle()
}
export async function rightClick(element: Element): Promise<void> {
  const event = new MouseEvent('contextmenu', { bubbles: true, cancelable: true, clientX: 9, clientY: 9 })
  act(() => void element.dispatchEvent(event))
  await settle()
}
