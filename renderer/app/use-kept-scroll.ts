import { useCallback, type RefCallback } from 'react'
import { useModel } from './model.ts'

/** For a part of a view that scrolls: it stands where it stood when one comes back to the view. */
export function useKeptScroll(name: string): RefCallback<HTMLElement> {
  const { scrolled } = useModel()
  return useCallback(
    (element: HTMLElement) => {
      element.scrollTop = scrolled.get(name) ?? 0
      const keep = () => void scrolled.set(name, element.scrollTop)
      element.addEventListener('scroll', keep, { passive: true })
      return () => element.removeEventListener('scroll', keep)
    },
    [scrolled, name],
  )
}
