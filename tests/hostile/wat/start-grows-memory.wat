;; Takes memory until it gets no more, and breaks down.
(start $start)
(func $start
  (loop $more (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
  unreachable)
