import { useStore } from 'zustand'
import { CopyButton, Icon } from '../ui/kit.tsx'
import { useModel } from './model.ts'

/** Remarks and errors at the lower right, newest last. */
export function Notices() {
  const { notices } = useModel()
  const list = useStore(notices, (state) => state.notices)
  const dismiss = useStore(notices, (state) => state.dismiss)
  return (
    <ol className="notices" aria-label="Notices" aria-live="polite">
      {list.map((notice) => (
        <li
          key={notice.id}
          className={`notice is-${notice.kind}`}
          role={notice.kind === 'error' ? 'alert' : 'status'}
        >
          <Icon name={notice.kind === 'error' ? 'error' : 'check'} />
          <p>{notice.text}</p>
          {notice.report !== undefined && (
            <CopyButton text={notice.report} label="Copy error" className="">
              Copy error
            </CopyButton>
          )}
          {notice.kind === 'error' && (
            <button
              type="button"
              className="button quiet"
              aria-label="Dismiss"
              onClick={() => dismiss(notice.id)}
            >
              <Icon name="close" />
            </button>
          )}
        </li>
      ))}
    </ol>
  )
}
