/** A text read as a flow. The parser is large, and slow on large texts: parser.ts runs this where it is in no one's way. */
import { parseFlow } from '../../../shared/flow/format/parse.ts'
import { stepsWithPaths } from '../../../shared/flow/model.ts'
import type { Parsed, PlacedStep } from './parsed.ts'

export function parsedOf(text: string): Parsed {
  const { flow, problems, place } = parseFlow(text)
  const steps: PlacedStep[] = []
  if (flow)
    for (const [path, step] of stepsWithPaths(flow)) {
      const at = place(step)
      if (at) steps.push({ path, ...at })
    }
  const errors = problems.filter(({ severity }) => severity === 'error').length
  return { text, flow, problems, errors, steps }
}
