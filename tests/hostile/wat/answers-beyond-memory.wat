;; Answers with a text that ends beyond its memory.
(func $attack (result i32) (call $says (i32.const 1024) (i32.const 0x7fffffff)))
