/** Expression → its canonical text: parsed again it gives the same expression. */
import type { Expression, FieldReference } from './ast.ts'
import { quote } from './lexer.ts'
import { formatLiteral } from './literals.ts'
import { formatWords } from './words.ts'

export function formatExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.items.map((item) => inside(item, expression.kind)).join(` ${expression.kind} `)
    case 'not':
      return `not ${inside(expression.item, 'not')}`
    case 'exists':
      return formatReference(expression.of)
    case 'compare': {
      const { of, op, value } = expression
      return `${formatReference(of)} ${op} ${formatLiteral(value, of.field)}`
    }
    case 'in': {
      const { of, set } = expression
      return `${formatReference(of)} in {${set.map((value) => formatLiteral(value, of.field)).join(', ')}}`
    }
    case 'words':
      return formatWords(expression.words)
  }
}

export const formatReference = ({ field, key }: FieldReference): string =>
  key === undefined ? field.name : `${field.name}[${quote(key)}]`

/** Parentheses also where `and` would do without them inside `or`: few know which binds stronger. */
function inside(item: Expression, outer: 'and' | 'or' | 'not'): string {
  const text = formatExpression(item)
  return (item.kind === 'and' || item.kind === 'or') && item.kind !== outer ? `(${text})` : text
}
