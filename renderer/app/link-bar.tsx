import { useStore } from 'zustand'
import { Icon } from '../ui/kit.tsx'
import { useModel } from './model.ts'

/** Says that the bench cannot be reached; the views keep what they show. */
export function LinkBar() {
  const { live } = useModel()
  const link = useStore(live, (state) => state.link)
  const known = useStore(live, (state) => state.bench !== undefined)
  if (link === 'connected' || (link === 'connecting' && !known)) return null
  return (
    <div className="link-bar" role="alert">
      <Icon name="warning" />
      {link === 'refused' ? refused : known ? lost : silent}
    </div>
  )
}

const refused = 'The bench does not know this page: open the address, with its token, that oktobench printed.'
const lost = 'The link to the bench is lost; reconnecting by itself. What you see is from before.'
const silent = 'The bench does not answer; trying again by itself.'
