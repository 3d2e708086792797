import { useEffect, useRef, type ReactNode } from 'react'

/** A modal sheet in the upper middle. Esc or a click beside it closes it; the focus goes back where it was. */
export function Overlay(props: { label: string; onClose: () => void; children: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [])
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
