;; Wants four gigabytes to begin with.
(memory $memory (export "memory") 65536)
