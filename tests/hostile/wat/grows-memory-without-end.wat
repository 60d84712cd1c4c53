;; Goes on asking for memory after it was refused.
(func $attack (result i32)
  (loop $more (drop (memory.grow (i32.const 1))) (br $more))
  unreachable)
