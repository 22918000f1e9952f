-- Whether anything of the project is left out of reads: withdrawn links, people who are being forgotten.
SELECT
    (SELECT count() FROM link_withdrawals_v1 WHERE project_id = {project_id:String})
        + (SELECT count() FROM hidden_links_v1 WHERE project_id = {project_id:String})
        + (SELECT count() FROM hidden_events_v1 WHERE project_id = {project_id:String}) > 0 AS excepted
