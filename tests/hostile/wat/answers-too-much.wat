;; Answers with a text that is larger than an answer may be.
(memory $memory (export "memory") 400)
(func $attack (result i32) (call $says (i32.const 1024) (i32.const 20000000)))
