//! Execution plans of the statements that the program sent.
//!
//! PostgreSQL's own `auto_explain` writes the plan of every statement into the server's log,
//! with the rows it read. No copy of a statement is explained that could differ from the one
//! that is sent.

use serde_json::Value;

use super::database::TestDatabase;

/// One statement as it was run.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The statement's text.
    pub query: String,
    plan: Value,
}

impl TestDatabase {
    /// From the next connection on, records how each statement in this database is run.
    pub fn record_plans(&self) {
        let name = self.name();
        let set = [
            ("session_preload_libraries", "auto_explain"),
            ("auto_explain.log_min_duration", "0"),
            ("auto_explain.log_analyze", "on"),
            ("auto_explain.log_timing", "off"),
            ("auto_explain.log_buffers", "on"),
            ("auto_explain.log_format", "json"),
            ("auto_explain.log_nested_statements", "off"),
        ];
        for (setting, value) in set {
            self.client()
                .batch(&format!("ALTER DATABASE {name} SET {setting} = '{value}'"));
        }
    }

    /// Every statement that has been run since [`TestDatabase::record_plans`], in order.
    /// Statements without a plan, such as BEGIN, are not among them.
    pub fn plans(&self) -> Vec<Ran> {
        let path = &self.endpoint().log_file;
        let log =
            std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let ours = format!("{}|LOG:  duration:", self.name());
        let mut plans = Vec::new();
        let mut lines = log.lines().peekable();
        while let Some(line) = lines.next() {
            if !(line.starts_with(&ours) && line.ends_with("plan:")) {
                continue;
            }
            // An entry's further lines are indented by a tab.
            let mut entry = String::new();
            while let Some(more) = lines.next_if(|line| line.starts_with('\t')) {
                entry.push_str(more);
            }
            let entry: Value = serde_json::from_str(&entry)
                .unwrap_or_else(|e| panic!("auto_explain wrote no JSON: {e}\n{entry}"));
            plans.push(Ran {
                query: entry["Query Text"].as_str().unwrap_or_default().to_owned(),
                plan: entry["Plan"].clone(),
            });
        }
        plans
    }
}

impl Ran {
    /// The tables that were read from end to end.
    pub fn sequential_scans(&self) -> Vec<&str> {
        self.nodes()
            .into_iter()
            .filter(|node| node["Node Type"] == "Seq Scan")
            // A branch that a condition switched off reads nothing.
            .filter(|node| node["Actual Loops"].as_f64().unwrap_or(0.0) > 0.0)
            .filter_map(|node| node["Relation Name"].as_str())
            .collect()
    }

    /// The indexes that were used, each once, sorted.
    pub fn indexes(&self) -> Vec<&str> {
        let mut names: Vec<_> = self
            .nodes()
            .into_iter()
            .filter_map(|node| node["Index Name"].as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The rows that its scans read, those that a filter then threw away included.
    pub fn rows_read(&self) -> u64 {
        let scans = self.nodes().into_iter().filter(|node| {
            node["Node Type"]
                .as_str()
                .is_some_and(|kind| kind.contains("Scan"))
                && node["Node Type"] != "CTE Scan"
                && node["Node Type"] != "Subquery Scan"
        });
        let rows = |node: &Value| {
            let per_loop: f64 = [
                "Actual Rows",
                "Rows Removed by Filter",
                "Rows Removed by Index Recheck",
            ]
            .into_iter()
            .filter_map(|key| node[key].as_f64())
            .sum();
            per_loop * node["Actual Loops"].as_f64().unwrap_or(1.0)
        };
        // Averages over loops: the product is whole but for rounding.
        scans.map(rows).sum::<f64>().round() as u64
    }

    /// The pages of 8 KB that it touched, each as often as it did. Unlike
    /// [`Ran::rows_read`], which the server rounds to whole rows a loop, this is exact.
    pub fn pages_touched(&self) -> u64 {
        ["Shared Hit Blocks", "Shared Read Blocks"]
            .into_iter()
            .filter_map(|key| self.plan[key].as_u64())
            .sum()
    }

    /// The plan as JSON, to be shown where a test fails.
    pub fn json(&self) -> String {
        format!("{:#}", self.plan)
    }

    /// The plan's nodes that were run, a line each, to be shown where a test fails.
    pub fn outline(&self) -> String {
        fn add(node: &Value, depth: usize, lines: &mut Vec<String>) {
            if node["Actual Loops"].as_f64().unwrap_or(0.0) > 0.0 {
                let word = |key: &str| match &node[key] {
                    Value::String(text) => format!(" {text}"),
                    Value::Number(number) => format!(" {key} {number}"),
                    _ => String::new(),
                };
                let keys = [
                    "Node Type",
                    "Subplan Name",
                    "Relation Name",
                    "Index Name",
                    "Index Cond",
                    "Filter",
                    "Plan Rows",
                    "Actual Rows",
                    "Rows Removed by Filter",
                    "Actual Loops",
                    "Shared Hit Blocks",
                    "Shared Read Blocks",
                ];
                lines.push("  ".repeat(depth) + &keys.map(word).concat());
            }
            for child in node["Plans"].as_array().into_iter().flatten() {
                add(child, depth + 1, lines);
            }
        }
        let mut lines = Vec::new();
        add(&self.plan, 0, &mut lines);
        lines.join("\n")
    }

    fn nodes(&self) -> Vec<&Value> {
        let mut found = vec![&self.plan];
        let mut next = 0;
        while let Some(node) = found.get(next).copied() {
            found.extend(node["Plans"].as_array().into_iter().flatten());
            next += 1;
        }
        found
    }
}
