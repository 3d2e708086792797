/** The flows that come with the bench, by set and file name: the files of resources/flows. */
import type { FlowSet } from '../../../shared/contract/flows.ts'

/** Names without their folders. */
const named = (files: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(files).map(([path, text]) => [path.replace(/^.*\//, ''), text]))

export const builtInFlows: Readonly<Record<FlowSet, Readonly<Record<string, string>>>> = {
  starter: named(
    import.meta.glob('../../../resources/flows/*.yaml', { query: '?raw', import: 'default', eager: true }),
  ),
  tp469: named(
    import.meta.glob('../../../resources/flows/tp469/*.yaml', {
      query: '?raw',
      import: 'default',
      eager: true,
    }),
  ),
}
