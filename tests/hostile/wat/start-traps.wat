;; Breaks down before it was asked anything.
(start $start)
(func $start unreachable)
