/** Whether the newest row of a growing list is kept in sight; when not, how many came since. */
import { useStore } from 'zustand'
import type { ViewName } from '../../shared/contract/contract.ts'
import { count } from '../ui/format.ts'
import { Icon } from '../ui/kit.tsx'
import type { ListStore } from './list-store.ts'

export function FollowButton<V extends ViewName>({ list }: { list: ListStore<V> }) {
  const follow = useStore(list, (state) => state.follow)
  const fresh = useStore(list, (state) => (state.follow ? 0 : Math.max(0, state.total - state.leftAt)))
  return (
    <button
      type="button"
      className={`button number follow ${fresh > 0 ? 'is-fresh' : ''}`}
      aria-pressed={follow}
      aria-keyshortcuts="F"
      title={follow ? 'The newest packet is kept in sight' : 'Go to the newest packet and keep it in sight'}
      onClick={() => list.getState().setFollow(!follow)}
    >
      {fresh > 0 && `${count(fresh)} new `}
      <Icon name="down" />
      {fresh > 0 ? 'follow' : 'Follow'}
    </button>
  )
}
