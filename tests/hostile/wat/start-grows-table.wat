;; The same with a table.
(start $start)
(table $table 1 funcref)
(func $start
  (loop $more (br_if $more (i32.ne (table.grow $table (ref.null func) (i32.const 1000)) (i32.const -1))))
  unreachable)
