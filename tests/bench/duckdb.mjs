// The batch job as one SQL statement: the traits of tests/bench/cdp.yaml.
import { DuckDBInstance } from '@duckdb/node-api';
const [file, threads] = process.argv.slice(2);
const db = await DuckDBInstance.create(':memory:', { threads });
const con = await db.connect();
const sql = `
WITH e AS (
  SELECT coalesce(userId, anonymousId) AS who, event, "timestamp" AS ts,
         properties.product_id AS product, properties.total AS total, properties
  FROM read_json('${file}', format = 'newline_delimited', columns = {
    userId: 'VARCHAR', anonymousId: 'VARCHAR', event: 'VARCHAR', "timestamp": 'TIMESTAMP',
    properties: 'STRUCT(product_id VARCHAR, "name" VARCHAR, price DOUBLE, total DOUBLE)'})
), now AS (SELECT max(ts) AS now FROM e),
orders AS (
  SELECT who,
    count(*) FILTER (ts > now - INTERVAL 90 DAY) AS orders_90d,
    sum(total) FILTER (ts > now - INTERVAL 365 DAY) AS revenue_365d,
    max(ts) AS last_order_at
  FROM e, now WHERE event = 'Order Completed' GROUP BY who
), items AS (
  SELECT e.who, product, max(ts) AS ts, arg_max(properties, ts) AS item
  FROM e LEFT JOIN orders o ON e.who = o.who
  WHERE event IN ('Product Added', 'Product Removed') AND (last_order_at IS NULL OR ts > last_order_at)
  GROUP BY e.who, product HAVING arg_max(event, ts) = 'Product Added'
), carts AS (SELECT who, list(item ORDER BY ts) AS cart FROM items GROUP BY who)
SELECT p.who, orders_90d, revenue_365d, last_order_at, cart
FROM (SELECT DISTINCT who FROM e) p LEFT JOIN orders USING (who) LEFT JOIN carts USING (who)`;
const t = process.hrtime.bigint();
const r = await con.run(`COPY (${sql}) TO '${file}.out' (FORMAT json)`);
console.log(Number(process.hrtime.bigint() - t) / 1e9);
