;; Wants four thousand million entries to begin with.
(table $table 4294967295 funcref)
