/** A payload in the content view that was chosen for it. */
import type { ClientPacketDetail } from '../../../shared/contract/mqtt-client.ts'
import { contentViews } from '../../../shared/dissect/content/views.ts'

const viewOf = (id: string | undefined) => contentViews.find((view) => view.id === id)

export const viewLabel = (id: string | undefined): string => viewOf(id)?.label ?? ''

/** Empty where there is none. */
export const payloadText = ({ view, payload }: ClientPacketDetail): string =>
  (payload && viewOf(view)?.text(payload)) ?? ''
