import { useEffect, useRef, type ReactNode } from 'react'

interface OverlayProps {
  readonly label: string
  readonly onClose: () => void
  /** Selector of what gets the keyboard; without it the browser takes the first thing that can. */
  readonly focus?: string
  readonly children: ReactNode
}

/** A modal sheet in the upper middle. Esc or a click beside it closes it; the focus goes back where it was. */
export function Overlay(props: OverlayProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const { focus } = props
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    if (focus !== undefined) dialog.current?.querySelector<HTMLElement>(focus)?.focus()
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [focus])
  return (
    <dialog
      ref={dialog}
      className="overlay"
      aria-label={props.label}
      onCancel={(event) => {
        event.preventDefault()
        props.onClose()
      }}
      onClick={(event) => {
        if (event.target === dialog.current) props.onClose()
      }}
    >
      <div className="overlay-sheet">{props.children}</div>
    </dialog>
  )
}
