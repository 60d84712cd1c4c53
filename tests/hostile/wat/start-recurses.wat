;; Calls itself until there is no stack left.
(start $start)
(func $start (call $start) (call $start))
