/**
 * The same function with a memory of at least `size` and at most `2 × size` answers: two generations, the older one forgotten
 * when the younger is full. What is asked often stays.
 */
export function remember<Key extends string | number, V>(work: (key: Key) => V, size: number): (key: Key) => V {
  let young = new Map<Key, V>();
  let old = new Map<Key, V>();
  return (key) => {
    let value = young.get(key);
    if (value !== undefined) return value;
    value = old.get(key) ?? work(key);
    if (young.size >= size) [old, young] = [young, new Map()];
    young.set(key, value);
    return value;
  };
}
