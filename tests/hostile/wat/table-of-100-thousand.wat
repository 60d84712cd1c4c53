;; Wants a table that no pool has.
(table $table 100000 funcref)
