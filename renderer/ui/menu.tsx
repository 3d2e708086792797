/** A context menu: opened by a right click, the menu key or a button; driven by arrow keys and first letters. */
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { Icon, Keys } from './kit.tsx'
import './menu.css'

export interface MenuItem {
  readonly title: string
  /** A group begins here: a line above it, and its title if it has one. */
  readonly group?: string
  /** Shown beside it; the menu itself does not listen to it. */
  readonly chord?: string | undefined
  /** A switch, and whether it is on. */
  readonly checked?: boolean
  /** Why it cannot be done now. */
  readonly disabled?: string | false | undefined
  readonly run: () => void
}

export interface MenuPlace {
  readonly x: number
  readonly y: number
  readonly items: readonly MenuItem[]
  readonly label: string
}

/** Pixels kept free between a menu and the edge of the window. */
const EDGE = 4
/** Pixels between a button and its menu. */
const GAP = 2

function Menu({ place, onClose }: { place: MenuPlace; onClose: () => void }) {
  const element = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState({ left: place.x, top: place.y })

  useLayoutEffect(() => {
    const menu = element.current
    if (!menu) return
    const { width, height } = menu.getBoundingClientRect()
    setAt({
      left: Math.max(EDGE, Math.min(place.x, window.innerWidth - width - EDGE)),
      top: Math.max(EDGE, Math.min(place.y, window.innerHeight - height - EDGE)),
    })
    menu.querySelector<HTMLElement>('[role^=menuitem]')?.focus()
  }, [place])
  useEffect(() => {
    const before = document.activeElement
    const outside = (event: Event) => {
      if (!(event.target instanceof Node && element.current?.contains(event.target))) onClose()
    }
    window.addEventListener('pointerdown', outside, true)
    window.addEventListener('wheel', outside, true)
    window.addEventListener('blur', onClose)
    return () => {
      window.removeEventListener('pointerdown', outside, true)
      window.removeEventListener('wheel', outside, true)
      window.removeEventListener('blur', onClose)
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
    }
  }, [onClose])

  const onKeyDown = (event: KeyboardEvent) => {
    // Keys of the views behind have no place here.
    event.stopPropagation()
    const items = [...(element.current?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])]
    const here = items.findIndex((item) => item === document.activeElement)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: here + 1,
      ArrowUp: here - 1,
      Home: 0,
      End: -1,
    }
    const to = steps[event.key]
    if (to !== undefined) items.at(to % items.length)?.focus()
    else if (event.key === 'Escape' || event.key === 'Tab') onClose()
    else if (event.key.length === 1 && event.key !== ' ') {
      const letter = event.key.toLowerCase()
      const order = [...items.slice(here + 1), ...items.slice(0, here + 1)]
      order.find((item) => item.textContent?.trim().toLowerCase().startsWith(letter))?.focus()
    } else return
    event.preventDefault()
  }
  return createPortal(
    <div
      className="menu"
      role="menu"
      aria-label={place.label}
      ref={element}
      style={at}
      onKeyDown={onKeyDown}
      onContextMenu={(event) => event.preventDefault()}
    >
      {place.items.map((item, index) => (
        <MenuLine key={index} item={item} first={index === 0} onDone={onClose} />
      ))}
    </div>,
    document.body,
  )
}

function MenuLine({ item, first, onDone }: { item: MenuItem; first: boolean; onDone: () => void }) {
  const { title, group, chord, checked, disabled, run } = item
  return (
    <>
      {group !== undefined && !first && <hr />}
      {group && (
        <div className="menu-group cut" title={group}>
          {group}
        </div>
      )}
      <button
        type="button"
        role={checked === undefined ? 'menuitem' : 'menuitemcheckbox'}
        aria-checked={checked}
        aria-disabled={disabled ? true : undefined}
        tabIndex={-1}
        title={disabled || undefined}
        onPointerMove={(event) => event.currentTarget.focus({ preventScroll: true })}
        onClick={() => {
          if (disabled) return
          onDone()
          run()
        }}
      >
        <span className="menu-check">{checked && <Icon name="check" />}</span>
        <span className="cut">{title}</span>
        {chord && <Keys chord={chord} />}
      </button>
    </>
  )
}

/** The menu that is open, if any, and how to open one; nothing opens without items. */
export function useMenu(): { readonly menu: ReactNode; readonly open: (place: MenuPlace) => void } {
  const [place, setPlace] = useState<MenuPlace>()
  const [close] = useState(() => () => setPlace(undefined))
  return {
    menu: place && <Menu place={place} onClose={close} />,
    open: (next) => setPlace(next.items.length > 0 ? next : undefined),
  }
}

interface MenuButtonProps {
  /** Of the menu. */
  readonly label: string
  readonly items: () => readonly MenuItem[]
  readonly children: ReactNode
  readonly className?: string
  readonly disabled?: boolean
  readonly title?: string
}

/** A button whose menu opens below it. */
export function MenuButton({ label, items, children, className = '', ...rest }: MenuButtonProps) {
  const { menu, open } = useMenu()
  return (
    <>
      <button
        type="button"
        className={`button ${className}`}
        aria-haspopup="menu"
        onClick={(event) => {
          const { left, bottom } = event.currentTarget.getBoundingClientRect()
          open({ x: left, y: bottom + GAP, label, items: items() })
        }}
        {...rest}
      >
        {children}
      </button>
      {menu}
    </>
  )
}
